import { Suspense } from "react";
import { useParams } from "react-router";
import { useMay } from "@/api/use-may";
import { late } from "@/shared/lib/late";
import { ErrorState } from "@/shared/ui/error-state";
import { LoadingPage } from "@/shared/ui/loading-page";
import { Builder } from "./builder";
import { useEditingPlace } from "./save/use-editing-place";
import { useOpening } from "./save/use-opening";

const ReadWorkflow = late(() => import("./read-workflow"));
const FollowedWorkflow = late(() => import("./save/followed-workflow"));
const RecoveryDialog = late(() => import("./save/recovery-dialog"));

/** Opens a workflow and hands it to the builder, or follows the tab in which it is edited. */
export function EditorPage() {
  const { id = "" } = useParams();
  const mayEdit = useMay("workflows:write");
  const editing = useEditingPlace(id);
  const { isOpen, error, retry, journal, onDecided } = useOpening(id, editing);
  if (error && !isOpen) return <ErrorState error={error} onRetry={retry} />;
  if (!isOpen) return <LoadingPage />;
  if (!mayEdit)
    return (
      <Suspense fallback={<LoadingPage />}>
        <ReadWorkflow />
      </Suspense>
    );
  return (
    <Suspense fallback={<LoadingPage />}>
      {editing.place === "here" ? (
        <Builder key={id} />
      ) : (
        <FollowedWorkflow onTakeOver={editing.takeOver} />
      )}
      {editing.place === "here" && journal && (
        <RecoveryDialog journal={journal} onDone={onDecided} />
      )}
    </Suspense>
  );
}
