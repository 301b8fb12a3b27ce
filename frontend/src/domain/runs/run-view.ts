/** A run as a person sees it: folded from events by one pure reducer, for history, live view and playback. */
import type { RunSnapshot, StepRun, UsageView } from "@/api/generated";

type RunStatus = RunSnapshot["run"]["status"];
export type StepStatus = StepRun["status"];

/** One execution of a step; a loop has one for each item, under paths such as `polish[1].check`. */
export interface StepView {
  path: string;
  kind: string;
  status: StepStatus;
  attempt: number;
  agent: string | null;
  started_at: string | null;
  finished_at: string | null;
  usage: UsageView;
  error: { code: string; message: string } | null;
  recovered: boolean;
  output: unknown;
  output_ref: string | null;
  waits_for: string | null;
  wake_at: string | null;
  approval_id: string | null;
}
export interface CallView {
  seq: number;
  step: string;
  kind: "model" | "tool";
  name: string;
  arguments_preview: string | null;
  duration_ms: number;
  usage: UsageView | null;
  replayed: boolean;
  /** The run that the call has started. */
  run_id: string | null;
  at: string;
}
export interface RunView {
  id: string;
  status: RunStatus;
  reason: string | null;
  error: { code: string; message: string; step?: string | null } | null;
  outputs: Record<string, unknown> | null;
  usage: UsageView;
  created_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  /** In the order in which they were first heard of. */
  order: string[];
  steps: Record<string, StepView>;
  calls: CallView[];
  /** How many versions of files were written since the snapshot: with each there is more to list. */
  files_written: number;
  /** The newest event that was applied; what steps say is not applied here. */
  epoch: number;
  seq: number;
}

export const NO_USAGE: UsageView = { tokens: 0, usd: 0, tokens_saved: 0 };
const FINISHED: ReadonlySet<string> = new Set([
  "succeeded",
  "failed",
  "skipped",
  "cancelled",
  "reused",
]);
const RUN_FINISHED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);

/** Whether nothing will happen to a step any more. */
export function isFinished(status: StepStatus): boolean {
  return FINISHED.has(status);
}

/** Whether nothing will happen in a run any more. */
export function isRunFinished(status: RunStatus): boolean {
  return RUN_FINISHED.has(status);
}

/** Return the view of a run of which nothing is known yet. */
export function emptyRun(id: string): RunView {
  return {
    id,
    status: "queued",
    reason: null,
    error: null,
    outputs: null,
    usage: NO_USAGE,
    created_at: null,
    started_at: null,
    finished_at: null,
    order: [],
    steps: {},
    calls: [],
    files_written: 0,
    epoch: 0,
    seq: 0,
  };
}

/** Return the view that a snapshot shows. */
export function runFromSnapshot(snapshot: RunSnapshot): RunView {
  const { run } = snapshot;
  const [epoch = 0, seq = 0] = snapshot.cursor.split(":").map(Number);
  const steps = Object.fromEntries(snapshot.steps.map((step) => [step.path, stepFromRecord(step)]));
  return {
    ...emptyRun(run.id),
    status: run.status,
    error: run.error,
    outputs: run.outputs,
    usage: run.usage,
    created_at: run.created_at,
    started_at: run.started_at,
    finished_at: run.finished_at,
    order: snapshot.steps.map((step) => step.path),
    steps,
    epoch,
    seq,
  };
}

export function stepFromRecord(step: StepRun): StepView {
  const { path, kind, status, attempt, agent, started_at, finished_at, usage, error, recovered } =
    step;
  return {
    path,
    kind,
    status,
    attempt,
    agent,
    started_at,
    finished_at,
    usage,
    error,
    recovered,
    output: step.output,
    output_ref: step.output_ref,
    waits_for: step.waits_for,
    wake_at: step.wake_at,
    approval_id: step.approval_id,
  };
}
