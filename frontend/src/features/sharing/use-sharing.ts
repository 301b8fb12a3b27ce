/** With whom a workflow is shared, as it is edited: nothing holds before it is saved. */
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import {
  type Share,
  type Sharing,
  useLazyGetWorkflowSharingQuery,
  useReplaceWorkflowSharingMutation,
} from "@/api/generated";
import { answered, useMerging } from "@/shared/hooks/use-merging";
import { useReaches } from "./reaches";
import { keyOf } from "./use-people";

/** The field that says whether everybody has it; all others are people and roles with their reach. */
export const SCOPE = "scope";
type Fields = Record<string, string>;

function fieldsOf({ restricted, shares }: Pick<Sharing, "restricted" | "shares">): Fields {
  const scope = restricted ? "some" : "everybody";
  return { [SCOPE]: scope, ...Object.fromEntries(shares.map((one) => [keyOf(one), one.reach])) };
}

/** Return the share that a field stands for. */
export function shareOf(key: string, reach: Share["reach"]): Share {
  const [kind, ...who] = key.split(":");
  return { kind: kind === "role" ? "role" : "member", who: who.join(":"), reach };
}

export function useSharing(workflowId: string, known: Sharing) {
  const { t } = useTranslation("sharing");
  const { asReach } = useReaches();
  const [read] = useLazyGetWorkflowSharingQuery();
  const [replace, { error, isLoading, reset }] = useReplaceWorkflowSharingMutation();
  const form = useMerging<Sharing, Fields>({
    loaded: known,
    fieldsOf,
    read: async () => {
      const data = await read({ workflowId })
        .unwrap()
        .catch(() => undefined);
      return data && { known: data, isGone: false };
    },
  });
  const isRestricted = form.fields[SCOPE] === "some";
  const shares = Object.entries(form.fields)
    .filter(([key]) => key !== SCOPE)
    .map(([key, reach]) => shareOf(key, asReach(reach)));
  const save = async () => {
    const saveSharing = { restricted: isRestricted, shares: isRestricted ? shares : [] };
    const done = await replace({ workflowId, "if-match": form.base.etag, saveSharing });
    if (!done.data) return void form.settle(done);
    form.restart(done.data);
    notifications.show({ color: "green", message: t("saved") });
  };
  return {
    isRestricted,
    shares,
    setRestricted: (restricted: boolean) => form.setFields(fieldsOf({ restricted, shares })),
    setShares: (next: Share[]) =>
      form.setFields(fieldsOf({ restricted: isRestricted, shares: next })),
    conflict: form.conflict && answered(form.conflict, reset),
    error,
    isLoading,
    save,
  };
}
