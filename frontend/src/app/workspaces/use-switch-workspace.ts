import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { keepToken } from "@/api/access-token";
import { useSwitchWorkspaceMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";

/** Goes over to another workspace; what belongs to the one before ends when its token is replaced. */
export function useSwitchWorkspace() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [switchTo, { isLoading }] = useSwitchWorkspaceMutation();
  const enter = async (workspaceId: string, name: string): Promise<boolean> => {
    const done = await switchTo({ workspaceId });
    if (!done.data) {
      const message = isProblem(done.error) ? done.error.detail || done.error.title : "";
      notifications.show({ color: "red", title: t("workspaces.refused", { name }), message });
      return false;
    }
    // No page of the workspace before asks in the new one for what is not there.
    await navigate("/", { replace: true });
    keepToken(done.data);
    return true;
  };
  return { enter, isBusy: isLoading };
}
