import { Suspense } from "react";
import type { DocumentProblem, WorkflowDocument } from "@/api/generated";
import type { Step } from "@/domain/document/workflow";
import { late } from "@/shared/lib/late";
import type { Edits } from "./use-edits";
import type { Panel } from "./use-views";

const RunDialog = late(() => import("./run-dialog"));
const PublishDialog = late(() => import("./publish-dialog"));
const ConflictDialog = late(() => import("./save/conflict-dialog"));
const VersionsDialog = late(() => import("./versions/versions-dialog"));
const ExtractDialog = late(() => import("./extract-dialog"));
const ProposalDialog = late(() => import("./proposal/proposal-dialog"));
const ConnectDialog = late(() => import("./connect-dialog"));

interface BuilderDialogsProps {
  panel: Panel | undefined;
  step: Step | undefined;
  edits: Edits;
  problems: DocumentProblem[];
  /** What somebody else saved, where both changed the same. */
  conflict: WorkflowDocument | undefined;
  onClose: () => void;
  onSave: () => Promise<boolean>;
}

/** The dialogs of the builder, loaded when they are first asked for. */
export function BuilderDialogs(props: BuilderDialogsProps) {
  const { panel, step, edits, problems, conflict, onClose, onSave } = props;
  return (
    <Suspense fallback={null}>
      {panel === "run" && <RunDialog onClose={onClose} onSave={onSave} />}
      {panel === "publish" && (
        <PublishDialog problems={problems} onClose={onClose} onSave={onSave} />
      )}
      {panel === "versions" && <VersionsDialog onClose={onClose} onSave={onSave} />}
      {panel === "connect" && step && <ConnectDialog step={step} edits={edits} onClose={onClose} />}
      {panel === "extract" && <ExtractDialog edits={edits} onClose={onClose} />}
      {panel === "propose" && (
        <ProposalDialog problems={problems} edits={edits} onClose={onClose} />
      )}
      {conflict && <ConflictDialog theirs={conflict} onSave={onSave} />}
    </Suspense>
  );
}
