import { useParams } from "react-router";
import { useExportRunRecordQuery, useGetWorkflowQuery } from "@/api/generated";
import { ErrorState } from "@/shared/ui/error-state";
import { LoadingPage } from "@/shared/ui/loading-page";
import { RunView } from "./run-view";

/** Opens a run: the document that ran, in the layout of its workflow. */
export function RunPage() {
  const { id = "" } = useParams();
  const record = useExportRunRecordQuery({ runId: id });
  const workflowId = record.data?.run.workflow.id ?? "";
  const workflow = useGetWorkflowQuery({ workflowId }, { skip: !workflowId });
  if (record.isLoading) return <LoadingPage />;
  if (!record.data) return <ErrorState error={record.error} onRetry={record.refetch} />;
  if (workflow.isLoading) return <LoadingPage />;
  // A workflow that was deleted leaves its runs; they are laid out anew.
  return <RunView key={id} record={record.data} workflow={workflow.data} />;
}
