/** Renames a step: its key, the names in `needs` and switches, and the references in expressions that mean it. */
import { references, stepOf } from "../expressions/references";
import { expressionsOf } from "../expressions/templates";
import { isMap } from "../expressions/values";
import { rangeWithin } from "./positions";
import { nodeAt, type Path, type ScalarNode } from "./source-tree";
import { templateSites, textsIn } from "./template-sites";
import type { TextEdit } from "./text-edits";
import type { Block, Step, Workflow } from "./workflow";
import { renameKey } from "./yaml-edits";
import { writeScalar } from "./yaml-writer";

/** Return the edits that give a step another id everywhere. */
export function renameEdits(workflow: Workflow, step: Step, id: string): TextEdit[] {
  const edits = renameKey(workflow.tree, step.parts, id);
  for (const other of workflow.steps) {
    if (other.block.id === step.block.id) edits.push(...namesEdits(workflow, other, step.id, id));
    for (const site of templateSites(other.data)) {
      if (meaning(workflow, other, site.role, step.id) !== step.block.id) continue;
      edits.push(...templateEdits(workflow, [...other.parts, ...site.path], step.id, id));
    }
  }
  if (step.block.kind === "steps") {
    for (const field of ["outputs"] as const) {
      for (const found of textsIn(workflow.data[field] ?? null, [field])) {
        edits.push(...templateEdits(workflow, found.path, step.id, id));
      }
    }
  }
  return unique(edits);
}

/** Return the id of the block whose step a name means, in the scope of a text of a step. */
export function meaning(
  workflow: Workflow,
  step: Step,
  role: string,
  name: string,
): string | undefined {
  const inner = role === "inner" ? [...step.parts, "do"] : [...step.parts, "on_error", "do"];
  const own = role === "own" ? undefined : workflow.blocks.find((one) => samePath(one.path, inner));
  for (let block: Block | undefined = own ?? step.block; block; block = block.outer) {
    if (block.kind !== "undo" && name in block.steps) return block.id;
  }
  return undefined;
}

function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((part, position) => part === other[position]);
}

/** The names in `needs`, `then` and `else`. */
function namesEdits(workflow: Workflow, step: Step, old: string, id: string): TextEdit[] {
  const paths: Path[] = [[...step.parts, "needs"]];
  const cases = Array.isArray(step.data.switch) ? step.data.switch : [];
  cases.forEach((one, position) => {
    if (isMap(one))
      paths.push([...step.parts, "switch", position, "else" in one ? "else" : "then"]);
  });
  return paths.flatMap((path) => {
    const node = nodeAt(workflow.tree.root, path);
    const items = node?.type === "sequence" ? node.items : node ? [node] : [];
    return items
      .filter((item): item is ScalarNode => item.type === "scalar" && item.value === old)
      .map((item) => ({ start: item.start, end: item.end, text: writeScalar(id) }));
  });
}

function templateEdits(workflow: Workflow, path: Path, old: string, id: string): TextEdit[] {
  const node = nodeAt(workflow.tree.root, path);
  if (node?.type !== "scalar" || typeof node.value !== "string") return [];
  return expressionsOf(node.value).flatMap((expression) =>
    references(expression).flatMap((reference) => {
      if (stepOf(reference) !== old || !reference.firstField) return [];
      const inside = reference.firstField.isQuoted ? 1 : 0;
      const { start, end } = reference.firstField;
      const range = rangeWithin(workflow.tree.source, node, start + inside, end - inside);
      return [{ ...range, text: id }];
    }),
  );
}

/** Aliases make one place of the text two places of the document. */
function unique(edits: TextEdit[]): TextEdit[] {
  return [...new Map(edits.map((edit) => [`${edit.start}:${edit.end}`, edit])).values()];
}
