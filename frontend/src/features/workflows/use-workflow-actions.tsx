import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/api";
import {
  useCreateWorkflowMutation,
  useDeleteWorkflowMutation,
  type WorkflowSummary,
} from "@/api/generated";
import { withFreeName } from "@/domain/document/free-name";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem } from "@/shared/lib/problem";

/** What can be done with a workflow from a list. */
export function useWorkflowActions() {
  const { t } = useTranslation("workflows");
  const navigate = useNavigate();
  const dispatch = useAppDispatch();
  const [createWorkflow] = useCreateWorkflowMutation();
  const [deleteWorkflow] = useDeleteWorkflowMutation();

  const create = async (
    source: string,
    more: { layout?: Record<string, never>; tests?: string } = {},
  ) => {
    const made = await createWorkflow({ saveWorkflow: { source, ...more } });
    if (made.data) await navigate(`/workflows/${made.data.id}`);
    else tell(made.error, t("not_created"));
    return made;
  };
  const duplicate = async (workflow: WorkflowSummary) => {
    const found = await dispatch(
      api.endpoints.getWorkflow.initiate({ workflowId: workflow.id }, { forceRefetch: true }),
    );
    if (found.data)
      await create(withFreeName(found.data.source, workflow.name), { tests: found.data.tests });
  };
  const remove = async (workflow: WorkflowSummary, title: string) => {
    const done = await deleteWorkflow({ workflowId: workflow.id });
    if (done.error) tell(done.error, t("not_deleted"));
    else notifications.show({ message: t("deleted", { title }) });
  };
  return { create, duplicate, remove };
}

function tell(error: unknown, title: string): void {
  notifications.show({
    color: "red",
    title,
    message: isProblem(error) ? error.detail || error.title : "",
  });
}
