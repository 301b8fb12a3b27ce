/** Two runs beside each other, aligned by their steps: where they part, and what changed in time, tokens and cost. */
import type { RunView, StepView } from "./run-view";

export type Difference = "same" | "changed" | "only_old" | "only_new";

export interface ComparedStep {
  path: string;
  old: StepView | undefined;
  new: StepView | undefined;
  difference: Difference;
}
export interface Change {
  old: number;
  new: number;
}
export interface Comparison {
  steps: ComparedStep[];
  /** The first step, in the order of the new run, whose outcome is another. */
  first: string | undefined;
  tokens: Change;
  usd: Change;
  /** Milliseconds. */
  elapsed: Change;
}

export function compareRuns(old: RunView, next: RunView): Comparison {
  const paths = [...new Set([...next.order, ...old.order])];
  const steps = paths.map((path) => compared(path, old.steps[path], next.steps[path]));
  return {
    steps,
    first: steps.find((step) => step.difference !== "same")?.path,
    tokens: { old: old.usage.tokens, new: next.usage.tokens },
    usd: { old: old.usage.usd, new: next.usage.usd },
    elapsed: { old: elapsedOf(old), new: elapsedOf(next) },
  };
}

function compared(
  path: string,
  old: StepView | undefined,
  next: StepView | undefined,
): ComparedStep {
  let difference: Difference = "changed";
  if (!old) difference = "only_new";
  else if (!next) difference = "only_old";
  else if (outcomeOf(old) === outcomeOf(next)) difference = "same";
  return { path, old, new: next, difference };
}

/** A step that was taken over says what the old one said. */
function outcomeOf({ status, output, output_ref, error }: StepView): string {
  const ended = status === "reused" ? "succeeded" : status;
  return JSON.stringify([ended, output ?? null, output_ref, error?.code ?? null]);
}

export function elapsedOf(one: { started_at: string | null; finished_at: string | null }): number {
  if (!one.started_at || !one.finished_at) return 0;
  return Math.max(0, Date.parse(one.finished_at) - Date.parse(one.started_at));
}
