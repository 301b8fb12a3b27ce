/** Whether a wire may be drawn between two steps, and which edits draw or remove it. */

import { references, stepOf } from "../expressions/references";
import { expressionsOf } from "../expressions/templates";
import { isMap, type JsonValue } from "../expressions/values";
import { nodeAt, type PathPart, writtenPath } from "./source-tree";
import { templateSites } from "./template-sites";
import type { TextEdit } from "./text-edits";
import type { Edge, Step, Workflow } from "./workflow";
import { appendItems, deleteEntry, deleteItem, setAt } from "./yaml-edits";

export type Refusal =
  | "same_step"
  | "other_block"
  | "cycle"
  | "already"
  | "unknown_step"
  | "by_reference";
/** A case of a switch by its position, or its last resort. */
export type Branch = number | "else";
export type Verdict = { ok: true } | { ok: false; reason: Refusal; paths?: string[] };

/** Say whether `source` may come before `target`. */
export function canConnect(workflow: Workflow, source: string, target: string): Verdict {
  const from = workflow.byPath.get(source);
  const to = workflow.byPath.get(target);
  if (!from || !to) return { ok: false, reason: "unknown_step" };
  if (source === target) return { ok: false, reason: "same_step" };
  if (from.block.id !== to.block.id || from.block.kind === "undo")
    return { ok: false, reason: "other_block" };
  if (reaches(workflow.edges, target, source)) return { ok: false, reason: "cycle" };
  return { ok: true };
}

function reaches(edges: readonly Edge[], from: string, to: string): boolean {
  const seen = new Set([from]);
  const work = [from];
  for (let step = work.pop(); step !== undefined; step = work.pop()) {
    if (step === to) return true;
    for (const edge of edges) {
      if (edge.source === step && !seen.has(edge.target)) {
        seen.add(edge.target);
        work.push(edge.target);
      }
    }
  }
  return false;
}

/** Return the edits that make `target` wait for `source`; from a switch through one of its cases. */
export function connectEdits(
  workflow: Workflow,
  source: Step,
  target: Step,
  branch?: Branch,
): TextEdit[] {
  if (source.kind === "switch") return chooseEdits(workflow, source, target.id, branch);
  return listEdits(workflow, [...target.parts, "needs"], target.data.needs, source.id);
}

function chooseEdits(workflow: Workflow, source: Step, id: string, branch?: Branch): TextEdit[] {
  const cases = Array.isArray(source.data.switch) ? source.data.switch : [];
  const path = [...source.parts, "switch"];
  const last = cases.at(-1);
  const hasElse = isMap(last) && "else" in last;
  if (typeof branch === "number") {
    const found = cases[branch];
    const field = isMap(found) && "else" in found ? "else" : "then";
    const written = isMap(found) ? found[field] : undefined;
    return listEdits(workflow, [...path, branch, field], written, id);
  }
  if (hasElse)
    return listEdits(
      workflow,
      [...path, cases.length - 1, "else"],
      isMap(last) ? last.else : null,
      id,
    );
  const node = nodeAt(workflow.tree.root, path);
  if (node?.type !== "sequence") return setAt(workflow.tree, path, [{ else: id }]);
  return appendItems(workflow.tree.source, node, [{ else: id }]);
}

/** Add a name to what is nothing, one name, or a list of names. */
function listEdits(
  workflow: Workflow,
  path: PathPart[],
  written: JsonValue | undefined,
  id: string,
): TextEdit[] {
  const node = nodeAt(workflow.tree.root, path);
  const isNeeds = path.at(-1) === "needs";
  if (Array.isArray(written) && written.includes(id)) return [];
  if (node?.type === "sequence") return appendItems(workflow.tree.source, node, [id]);
  if (written === id) return [];
  if (typeof written === "string") return setAt(workflow.tree, path, [written, id]);
  return setAt(workflow.tree, path, isNeeds ? [id] : id);
}

/** Return the edits that remove a wire, or the fields whose references draw it. */
export function disconnectEdits(
  workflow: Workflow,
  source: Step,
  target: Step,
): { edits: TextEdit[] } | { references: string[] } {
  const edits = [
    ...removeName(workflow, [...target.parts, "needs"], target.data.needs, source.id),
    ...unchooseEdits(workflow, source, target.id),
  ];
  if (edits.length > 0) return { edits };
  return { references: fieldsThatRefer(target, source.id) };
}

/** Return the edits that take a step's name out of a switch. */
export function unchooseEdits(workflow: Workflow, source: Step, id: string): TextEdit[] {
  const cases = Array.isArray(source.data.switch) ? source.data.switch : [];
  return cases.flatMap((one, position) => {
    if (!isMap(one)) return [];
    const field = "else" in one ? "else" : "then";
    const path = [...source.parts, "switch", position, field];
    if (one[field] === id) return setAt(workflow.tree, path, []);
    return removeName(workflow, path, one[field], id);
  });
}

/** Return the edits that take a name out of a list; a list of needs that becomes empty goes with its key. */
export function removeName(
  workflow: Workflow,
  path: PathPart[],
  written: JsonValue | undefined,
  id: string,
): TextEdit[] {
  if (!Array.isArray(written) || !written.includes(id)) return [];
  if (written.length === 1 && path.at(-1) === "needs") return deleteEntry(workflow.tree, path);
  return deleteItem(workflow.tree, [...path, written.indexOf(id)]);
}

/** Return the fields of a step whose expressions name another one. */
export function fieldsThatRefer(step: Step, id: string): string[] {
  return [...templateSites(step.data)]
    .filter((site) =>
      expressionsOf(site.text).some((node) =>
        references(node).some((found) => stepOf(found) === id),
      ),
    )
    .map((site) => writtenPath([...step.parts, ...site.path]));
}
