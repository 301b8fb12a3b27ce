/** Asks a model for a proposal and waits for the run that makes it. */
import { useEffect, useState } from "react";
import { useAskProposalMutation, useCancelRunMutation, useGetRunQuery } from "@/api/generated";
import { type Proposal, readProposal } from "@/domain/document/proposal";
import type { JsonValue } from "@/domain/expressions/values";
import { isRunFinished } from "@/domain/runs/run-view";
import { isProblem } from "@/shared/lib/problem";

const LOOK_MS = 700;

export interface Wish {
  text: string;
  source: string;
  problems: string[];
}

export function useProposal() {
  const [send, asking] = useAskProposalMutation();
  const [cancel] = useCancelRunMutation();
  const [runId, setRunId] = useState<string>();
  const [isOver, setIsOver] = useState(false);
  const { data: run } = useGetRunQuery(
    { runId: runId ?? "" },
    { skip: !runId, pollingInterval: isOver ? 0 : LOOK_MS },
  );
  const isDone = run !== undefined && run.id === runId && isRunFinished(run.status);
  useEffect(() => setIsOver(isDone), [isDone]);
  const ask = async ({ text, source, problems }: Wish) => {
    setRunId(undefined);
    const made = await send({
      "idempotency-key": crypto.randomUUID(),
      askProposal: { text, source, problems: problems.slice(0, 20) },
    });
    if (made.data) setRunId(made.data.id);
  };
  const proposal: Proposal | undefined =
    isDone && run.status === "succeeded"
      ? readProposal(run.outputs?.proposal as JsonValue | undefined)
      : undefined;
  return {
    ask,
    /** What was asked is not waited for any more. */
    stop: () => {
      if (runId && !isDone) void cancel({ runId, body: null });
      setRunId(undefined);
    },
    isAsking: asking.isLoading || (runId !== undefined && !isDone),
    run: isDone ? run : undefined,
    problem: isProblem(asking.error) ? asking.error : undefined,
    proposal,
  };
}
