/** From step to step without a pointer: along the wires, and between steps beside each other. */
import type { Workflow } from "@/domain/document/workflow";

export type Way = "after" | "before" | "next" | "previous";

/** Return the step that one gets to, the first one from nowhere. */
export function neighbour(
  workflow: Workflow,
  path: string | undefined,
  way: Way,
): string | undefined {
  const step = path === undefined ? undefined : workflow.byPath.get(path);
  if (!step) return workflow.steps[0]?.path;
  if (way === "after") {
    return (
      workflow.edges.find((edge) => edge.source === path)?.target ??
      firstInside(workflow, step.path)
    );
  }
  if (way === "before")
    return workflow.edges.find((edge) => edge.target === path)?.source ?? step.parent;
  const siblings = workflow.steps.filter((other) => other.block === step.block);
  const position = siblings.indexOf(step) + (way === "next" ? 1 : -1);
  return siblings[(position + siblings.length) % siblings.length]?.path;
}

function firstInside(workflow: Workflow, path: string): string | undefined {
  return workflow.steps.find((step) => step.parent === path)?.path;
}
