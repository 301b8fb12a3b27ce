/** Steps that come before or after others, however far. */
import type { Step, Workflow } from "./workflow";

export type Direction = "after" | "before";

/** Return the steps together with all that come after or before them. */
export function reachOf(
  workflow: Workflow,
  paths: Iterable<string>,
  direction: Direction,
): string[] {
  const [from, to] =
    direction === "after" ? (["source", "target"] as const) : (["target", "source"] as const);
  const next = Map.groupBy(workflow.edges, (edge) => edge[from]);
  const seen = new Set(paths);
  for (const path of seen) for (const edge of next.get(path) ?? []) seen.add(edge[to]);
  return [...seen];
}

/** Return all steps of the kinds that the given ones have. */
export function sameKind(workflow: Workflow, paths: Iterable<string>): string[] {
  const kinds = new Set([...paths].map((path) => workflow.byPath.get(path)?.kind));
  return workflow.steps.filter((step) => kinds.has(step.kind)).map((step) => step.path);
}

/** Return the step of the document that nothing comes after, if it is one: what is added goes on from there. */
export function lastStep(workflow: Workflow): Step | undefined {
  const followed = new Set(workflow.edges.map((edge) => edge.source));
  const ends = workflow.steps.filter(
    (step) => step.block.kind === "steps" && !followed.has(step.path),
  );
  return ends.length === 1 ? ends[0] : undefined;
}
