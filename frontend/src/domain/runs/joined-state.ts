/** What several cards are together, such as those of a closed group. */
import type { StepStatus } from "./run-view";
import type { CardState } from "./step-states";

/** What is worth a person's attention comes first. */
export const URGENCY: StepStatus[] = [
  "failed",
  "waiting",
  "retrying",
  "running",
  "queued",
  "cancelled",
  "pending",
  "succeeded",
  "reused",
  "skipped",
];
/** Return the states of several cards as that of one, or nothing while none of them was reached. */
export function joinedState(states: readonly CardState[]): CardState | undefined {
  const [first] = states.toSorted(
    (one, other) => URGENCY.indexOf(one.status) - URGENCY.indexOf(other.status),
  );
  if (!first) return undefined;
  const starts = states.flatMap(({ started_at: at }) => at ?? []).toSorted();
  const ends = states.flatMap(({ finished_at: at }) => at ?? []).toSorted();
  return {
    ...first,
    executions: states.flatMap(({ executions }) => executions),
    done: states.reduce((sum, { done }) => sum + done, 0),
    attempt: 1,
    tokens: states.reduce((sum, { tokens }) => sum + tokens, 0),
    usd: states.reduce((sum, { usd }) => sum + usd, 0),
    started_at: starts[0] ?? null,
    finished_at: ends.length === states.length ? (ends.at(-1) ?? null) : null,
  };
}
