/** The steps as a tree of rows: what is inside a loop or a recovery stands below it. */
import type { Step, Workflow } from "@/domain/document/workflow";

export interface OutlineRow {
  step: Step;
  level: number;
  from: string[];
  to: string[];
  hasInside: boolean;
}

/** Return the rows that fit the words, with those they stand in; closed ones hide what is inside. */
export function outlineRows(
  workflow: Workflow,
  words: string,
  closed: ReadonlySet<string>,
): OutlineRow[] {
  const sources = Map.groupBy(workflow.edges, (edge) => edge.target);
  const targets = Map.groupBy(workflow.edges, (edge) => edge.source);
  const parents = new Set(workflow.steps.map((step) => step.parent));
  const wanted = words.toLowerCase().trim();
  const shown = wanted ? found(workflow, wanted) : undefined;
  const idOf = (path: string) => workflow.byPath.get(path)?.id ?? path;
  return workflow.steps
    .filter((step) => (shown ? shown.has(step.path) : !isHidden(workflow, step, closed)))
    .map((step) => ({
      step,
      level: levelOf(workflow, step),
      from: (sources.get(step.path) ?? []).map((edge) => idOf(edge.source)),
      to: (targets.get(step.path) ?? []).map((edge) => idOf(edge.target)),
      hasInside: parents.has(step.path),
    }));
}

function found(workflow: Workflow, wanted: string): Set<string> {
  const shown = new Set<string>();
  for (const step of workflow.steps) {
    const text = `${step.id} ${step.kind} ${String(step.data.title ?? "")}`.toLowerCase();
    if (!text.includes(wanted)) continue;
    let one: Step | undefined = step;
    while (one) {
      shown.add(one.path);
      one = one.parent ? workflow.byPath.get(one.parent) : undefined;
    }
  }
  return shown;
}

function isHidden(workflow: Workflow, step: Step, closed: ReadonlySet<string>): boolean {
  let parent = step.parent;
  while (parent) {
    if (closed.has(parent)) return true;
    parent = workflow.byPath.get(parent)?.parent;
  }
  return false;
}

function levelOf(workflow: Workflow, step: Step): number {
  let level = 1;
  let { parent } = step;
  while (parent) {
    level += 1;
    parent = workflow.byPath.get(parent)?.parent;
  }
  return level;
}
