/** Makes a workflow of a template and opens it in the builder. */
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type TemplateDocument, useCreateWorkflowMutation } from "@/api/generated";
import { withFreeName } from "@/domain/document/free-name";
import { isProblem } from "@/shared/lib/problem";

const NAME_TAKEN = "/problems/workflow-name-taken";

export function useTemplate() {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  const [create, { isLoading }] = useCreateWorkflowMutation();
  const use = async ({ id, source, tests }: TemplateDocument) => {
    let made = await create({ saveWorkflow: { source, tests } });
    // It was used before: the next one stands beside the first.
    if (isProblem(made.error) && made.error.type === NAME_TAKEN)
      made = await create({ saveWorkflow: { source: withFreeName(source, id), tests } });
    if (made.data) {
      await navigate(`/workflows/${made.data.id}`);
      return;
    }
    const problem = isProblem(made.error) ? made.error : undefined;
    notifications.show({
      color: "red",
      title: t("not_created"),
      message: problem?.detail || problem?.title || "",
    });
  };
  return { use, isMaking: isLoading };
}
