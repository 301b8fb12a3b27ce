/** What a document would be with the accepted steps of a proposal, and what the server says of that. */
import { useEffect, useMemo, useState } from "react";
import { type DocumentProblem, useValidateSourceMutation } from "@/api/generated";
import { applyOperations, type WorkflowDoc } from "@/domain/document/operations";
import { type Proposal, proposalOperations } from "@/domain/document/proposal";
import { readWorkflow } from "@/domain/document/workflow";
import { aroundChanges, lineChanges } from "@/domain/merge/line-changes";
import { localProblems } from "@/domain/validation/local-problems";

interface Given {
  doc: WorkflowDoc;
  proposal: Proposal;
  accepted: ReadonlySet<string>;
  isNew: boolean;
}

export function usePreview({ doc, proposal, accepted, isNew }: Given) {
  const [validate] = useValidateSourceMutation();
  const operations = useMemo(
    () => proposalOperations(readWorkflow(doc.source), proposal, accepted, isNew),
    [doc.source, proposal, accepted, isNew],
  );
  const source = useMemo(() => applyOperations(doc, operations).source, [doc, operations]);
  const lines = useMemo(() => aroundChanges(lineChanges(doc.source, source)), [doc.source, source]);
  const [judged, setJudged] = useState<{ source: string; problems: DocumentProblem[] }>();
  useEffect(() => {
    let isStale = false;
    void validate({ validateSource: { source } }).then(({ data }) => {
      if (data && !isStale) setJudged({ source, problems: data.problems });
    });
    return () => {
      isStale = true;
    };
  }, [source, validate]);
  const isJudged = judged?.source === source;
  const problems = useMemo(
    () => (isJudged ? judged.problems : localProblems(source)),
    [isJudged, judged, source],
  );
  return { operations, source, lines, problems, isJudged };
}
