/** Folds one event of a run's stream into its view; an event of a type that is not known changes nothing. */
import type { CallEnded, RunEventList, RunMilestone, StepMilestone } from "@/api/generated";
import {
  type CallView,
  isFinished,
  isRunFinished,
  NO_USAGE,
  type RunView,
  runFromSnapshot,
  type StepView,
} from "./run-view";

export type RunEvent = RunEventList["items"][number];

/** Return the run after an event; the same object when nothing changed. */
export function applyRunEvent(run: RunView, event: RunEvent): RunView {
  if (event.type === "stream.resync.v1") return runFromSnapshot(event.data.snapshot);
  if (event.type === "stream.head.v1") return run;
  const next = applied(run, event);
  return { ...next, epoch: event.epoch, seq: event.seq };
}

function applied(run: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case "run.accepted.v1":
    case "run.started.v1":
    case "run.waiting.v1":
    case "run.paused.v1":
    case "run.resumed.v1":
    case "run.cancelling.v1":
    case "run.finished.v1":
      return withRun(run, event);
    case "step.queued.v1":
    case "step.started.v1":
    case "step.waiting.v1":
    case "step.retrying.v1":
    case "step.finished.v1":
    case "step.skipped.v1":
    case "step.reused.v1":
      return withStep(run, event);
    case "model.called.v1":
    case "tool.called.v1":
      return { ...run, calls: [...run.calls, callOf(event)] };
    case "file.written.v1":
      return { ...run, files_written: run.files_written + 1 };
    case "approval.requested.v1":
      return patched(run, event.step, { approval_id: event.data.id });
    default:
      return run; // texts and logs live in their own stores; newer servers may say more
  }
}

function withRun(run: RunView, event: RunMilestone): RunView {
  const { data, at } = event;
  return {
    ...run,
    status: data.status,
    reason: data.reason,
    error: data.error ?? run.error,
    outputs: data.outputs ?? run.outputs,
    usage: data.usage ?? run.usage,
    created_at: run.created_at ?? (event.type === "run.accepted.v1" ? at : null),
    started_at: run.started_at ?? (event.type === "run.started.v1" ? at : null),
    finished_at: isRunFinished(data.status) ? at : null,
  };
}

function withStep(run: RunView, event: StepMilestone): RunView {
  const { data, at, step: path, attempt } = event;
  const known = run.steps[path] ?? newStep(path, data.kind);
  const hasEnded = isFinished(data.status);
  const isNewAttempt = event.type === "step.started.v1" && attempt !== known.attempt;
  const step: StepView = {
    ...known,
    kind: data.kind,
    status: data.status,
    attempt,
    agent: data.agent ?? known.agent,
    started_at: startOf(event, known),
    finished_at: hasEnded ? at : null,
    usage: data.usage ?? known.usage,
    error: data.error ?? (isNewAttempt || hasEnded ? null : known.error),
    recovered: data.recovered ?? known.recovered,
    output: hasEnded ? data.output_preview : known.output,
    output_ref: hasEnded ? data.output_ref : known.output_ref,
    wake_at: data.wake_at,
    waits_for: data.status === "waiting" ? known.waits_for : null,
  };
  const order = path in run.steps ? run.order : [...run.order, path];
  return { ...run, order, steps: { ...run.steps, [path]: step } };
}

function startOf(event: StepMilestone, known: StepView): string | null {
  if (event.type === "step.started.v1")
    return known.attempt === event.attempt ? (known.started_at ?? event.at) : event.at;
  return known.started_at;
}

function newStep(path: string, kind: string): StepView {
  return {
    path,
    kind,
    status: "pending",
    attempt: 0,
    agent: null,
    started_at: null,
    finished_at: null,
    usage: NO_USAGE,
    error: null,
    recovered: false,
    output: null,
    output_ref: null,
    waits_for: null,
    wake_at: null,
    approval_id: null,
  };
}

function patched(run: RunView, path: string, part: Partial<StepView>): RunView {
  const known = run.steps[path];
  return known ? { ...run, steps: { ...run.steps, [path]: { ...known, ...part } } } : run;
}

function callOf(event: CallEnded): CallView {
  const { name, arguments_preview, duration_ms, usage, replayed, run_id } = event.data;
  const kind = event.type === "model.called.v1" ? "model" : "tool";
  return {
    seq: event.seq,
    step: event.step,
    kind,
    name,
    arguments_preview,
    duration_ms,
    usage,
    replayed,
    run_id: run_id ?? null,
    at: event.at,
  };
}
