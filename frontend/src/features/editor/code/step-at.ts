/** Which step a place of the text belongs to. */
import { entryOf, nodeAt } from "@/domain/document/source-tree";
import type { Workflow } from "@/domain/document/workflow";

export function stepAt(workflow: Workflow, position: number): string | undefined {
  let found: string | undefined;
  for (const step of workflow.steps) {
    const parent = nodeAt(workflow.tree.root, step.parts.slice(0, -1));
    const entry = entryOf(parent, step.parts.at(-1) ?? "");
    if (entry && entry.keyStart <= position && position <= entry.value.end) found = step.path;
  }
  return found;
}
