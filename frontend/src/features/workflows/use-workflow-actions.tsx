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
import { saveFile } from "@/shared/lib/save-file";

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
    /** What a model is to make of it. */
    describe?: string,
  ) => {
    const made = await createWorkflow({ saveWorkflow: { source, ...more } });
    if (made.data) await navigate(`/workflows/${made.data.id}`, { state: { describe } });
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
  const removeAll = async (workflows: WorkflowSummary[]) => {
    const errors: unknown[] = [];
    for (const { id } of workflows) {
      const { error } = await deleteWorkflow({ workflowId: id });
      if (error) errors.push(error);
    }
    const count = workflows.length - errors.length;
    if (count > 0) notifications.show({ message: t("bulk.deleted", { count }) });
    if (errors.length > 0) tell(errors[0], t("bulk.not_deleted", { count: errors.length }));
  };
  /** Each becomes a file; of secrets it has the names, and who imports it has to know them. */
  const exportAll = async (workflows: WorkflowSummary[]) => {
    const secrets = new Set<string>();
    for (const { id, title, name } of workflows) {
      const found = await dispatch(
        api.endpoints.exportWorkflow.initiate(
          { workflowId: id },
          { forceRefetch: true, subscribe: false },
        ),
      );
      if (found.data) saveFile(found.data.file_name, found.data.source, "application/yaml");
      else tell(found.error, t("not_exported", { title: title || name }));
      for (const secret of found.data?.secrets ?? []) secrets.add(secret);
    }
    if (secrets.size > 0)
      notifications.show({ message: t("needs_secrets", { names: [...secrets].join(", ") }) });
  };
  return { create, duplicate, exportAll, remove, removeAll };
}

function tell(error: unknown, title: string): void {
  notifications.show({
    color: "red",
    title,
    message: isProblem(error) ? error.detail || error.title : "",
  });
}
