/** What the canvas shows of each card: the executions of a step put together, items of loops included. */
import { pathOfRunStep, type Workflow } from "../document/workflow";
import { URGENCY } from "./joined-state";
import type { RunView, StepStatus, StepView } from "./run-view";

export interface CardState {
  status: StepStatus;
  /** The execution a click opens: the one that failed or runs, else the last. */
  focus: string;
  executions: string[];
  done: number;
  attempt: number;
  tokens: number;
  usd: number;
  started_at: string | null;
  finished_at: string | null;
}

const DONE: ReadonlySet<StepStatus> = new Set([
  "succeeded",
  "reused",
  "skipped",
  "failed",
  "cancelled",
]);

/** Of a card with one execution: while that is the same, so is the state, and nothing is drawn anew for it. */
const single = new WeakMap<StepView, CardState>();
const cardPaths = new WeakMap<Workflow, Map<string, string | undefined>>();

/** Return the state of each card that a run has reached, by its path in the document. */
export function cardStates(workflow: Workflow, run: RunView): Map<string, CardState> {
  const byCard = new Map<string, StepView[]>();
  for (const path of run.order) {
    const step = run.steps[path];
    if (!step || /\]$/.test(path)) continue;
    const card = cardOf(workflow, path);
    const others = card && byCard.get(card);
    if (others) others.push(step);
    else if (card) byCard.set(card, [step]);
  }
  return new Map([...byCard].map(([card, steps]) => [card, stateOf(steps)]));
}

/** Which card an execution belongs to; asked for every step at each news of a run. */
function cardOf(workflow: Workflow, path: string): string | undefined {
  const known = cardPaths.get(workflow) ?? new Map<string, string | undefined>();
  cardPaths.set(workflow, known);
  if (!known.has(path)) known.set(path, pathOfRunStep(workflow, path));
  return known.get(path);
}

function stateOf(steps: StepView[]): CardState {
  const [only] = steps;
  if (only === undefined || steps.length > 1) return joined(steps);
  const known = single.get(only) ?? joined(steps);
  single.set(only, known);
  return known;
}

function joined(steps: StepView[]): CardState {
  const sorted = steps.toSorted(
    (one, other) => URGENCY.indexOf(one.status) - URGENCY.indexOf(other.status),
  );
  const first = sorted[0] as StepView;
  const sum = (unit: "tokens" | "usd") =>
    steps.reduce((total, step) => total + step.usage[unit], 0);
  const starts = steps
    .map((step) => step.started_at)
    .filter((at) => at !== null)
    .toSorted();
  const ends = steps
    .map((step) => step.finished_at)
    .filter((at) => at !== null)
    .toSorted();
  return {
    status: first.status,
    focus: first.status === "succeeded" ? (steps.at(-1) as StepView).path : first.path,
    executions: steps.map((step) => step.path),
    done: steps.filter((step) => DONE.has(step.status)).length,
    attempt: Math.max(...steps.map((step) => step.attempt)),
    tokens: sum("tokens"),
    usd: sum("usd"),
    started_at: starts[0] ?? null,
    finished_at: ends.length === steps.length ? (ends.at(-1) ?? null) : null,
  };
}
