/** When each step of a run was at work, and its calls inside: what the timeline draws and its table says. */
import type { CallView, RunView, StepView } from "./run-view";

export interface Span {
  /** Milliseconds since the run began. */
  from: number;
  to: number;
}
export interface CallSpan extends Span {
  seq: number;
  kind: CallView["kind"];
  name: string;
}
export interface TimelineRow extends Span {
  path: string;
  /** How many steps it is inside of. */
  depth: number;
  status: StepView["status"];
  isOver: boolean;
  calls: CallSpan[];
}
export interface Timeline {
  /** Milliseconds that are shown; at least one. */
  length: number;
  rows: TimelineRow[];
  /** How much of the time no step was at work. */
  idle: number;
}

/** Return the timeline of a run at an instant (milliseconds since 1970). */
export function timelineOf(run: RunView, now: number): Timeline {
  const begin = startOf(run);
  if (begin === undefined) return { length: 1, rows: [], idle: 0 };
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  const calls = new Map<string, CallView[]>();
  for (const call of run.calls) calls.set(call.step, [...(calls.get(call.step) ?? []), call]);
  const rows = run.order.flatMap((path) => {
    const step = run.steps[path];
    return step?.started_at ? [rowOf(step, calls.get(path) ?? [], begin, end)] : [];
  });
  rows.sort((one, other) => one.from - other.from);
  const length = Math.max(1, end - begin, ...rows.map((row) => row.to));
  return { length, rows, idle: idleTime(rows, length) };
}

function startOf(run: RunView): number | undefined {
  const at = run.started_at ?? run.created_at;
  return at ? Date.parse(at) : undefined;
}

function rowOf(step: StepView, calls: CallView[], begin: number, end: number): TimelineRow {
  const from = Math.max(0, Date.parse(step.started_at ?? "") - begin);
  const to = Math.max(from, (step.finished_at ? Date.parse(step.finished_at) : end) - begin);
  return {
    path: step.path,
    depth: step.path.split(/[.[]/).length - 1,
    status: step.status,
    isOver: step.finished_at !== null,
    from,
    to,
    calls: calls.map((call) => spanOf(call, begin)),
  };
}

function spanOf({ seq, kind, name, at, duration_ms }: CallView, begin: number): CallSpan {
  const to = Math.max(0, Date.parse(at) - begin);
  return { seq, kind, name, from: Math.max(0, to - duration_ms), to };
}

/** Return for how long none of the rows, which are sorted by their starts, was at work. */
function idleTime(rows: TimelineRow[], length: number): number {
  let idle = 0;
  let busyUntil = 0;
  for (const { from, to } of rows) {
    if (from > busyUntil) idle += from - busyUntil;
    busyUntil = Math.max(busyUntil, to);
  }
  return idle + Math.max(0, length - busyUntil);
}

const GAP_SHARE = 0.02;

/** Return the timeline with each stretch in which nothing was at work cut down to a short gap. */
export function withoutIdle(timeline: Timeline): Timeline {
  const gap = (timeline.length - timeline.idle) * GAP_SHARE;
  const cuts: { at: number; by: number }[] = [];
  let busyUntil = 0;
  for (const { from, to } of timeline.rows) {
    if (from - busyUntil > gap) cuts.push({ at: from, by: from - busyUntil - gap });
    busyUntil = Math.max(busyUntil, to);
  }
  if (timeline.length - busyUntil > gap)
    cuts.push({ at: timeline.length, by: timeline.length - busyUntil - gap });
  const moved = (time: number) =>
    time - cuts.filter(({ at }) => at <= time).reduce((sum, { by }) => sum + by, 0);
  const rows = timeline.rows.map((row) => ({
    ...row,
    from: moved(row.from),
    to: moved(row.to),
    calls: row.calls.map((call) => ({ ...call, from: moved(call.from), to: moved(call.to) })),
  }));
  return { length: Math.max(1, moved(timeline.length)), rows, idle: gap * cuts.length };
}
