/** Ids that are no ids, and steps without one kind. */

import { nearest } from "@/shared/lib/nearest";
import { entryOf, nodeAt, type Path, writtenPath } from "../document/source-tree";
import { isId, RESERVED, STEP_KINDS } from "../document/words";
import type { Block, Workflow } from "../document/workflow";
import { isMap } from "../expressions/values";
import type { Found } from "./found";

export function nameProblems(workflow: Workflow): Found[] {
  return workflow.blocks.flatMap((block) =>
    Object.keys(block.steps).flatMap((id) => inStep(workflow, block, id)),
  );
}

function inStep(workflow: Workflow, block: Block, id: string): Found[] {
  const entry = entryOf(nodeAt(workflow.tree.root, block.path), id);
  const path = `${block.id}.${id}`;
  const place = { path, start: entry?.keyStart ?? 0, end: entry?.keyEnd ?? 1 };
  const found = block.kind === "undo" ? [] : ofId(id, place);
  const data = block.steps[id];
  if (!isMap(data)) return found;
  found.push(...ofVariable(workflow, [...block.path, id, "loop", "as"]));
  const kinds = STEP_KINDS.filter((kind) => kind in data);
  if (kinds.length === 0) {
    const meant = Object.keys(data)
      .map((name) => nearest(name, STEP_KINDS))
      .find((name) => name !== undefined);
    const hint = meant ? `Did you mean ${meant}?` : undefined;
    found.push({
      code: "no_kind",
      ...place,
      message: `The step has no kind. Kinds are ${STEP_KINDS.join(", ")}.`,
      hint,
    });
  } else if (kinds.length > 1) {
    const second = entryOf(entry?.value, kinds[1] ?? "");
    found.push({
      code: "two_kinds",
      path: `${path}.${kinds[1]}`,
      start: second?.keyStart ?? place.start,
      end: second?.keyEnd ?? place.end,
      message: `A step has one kind; this one has ${kinds.map((kind) => `'${kind}'`).join(" and ")}.`,
      hint: "Make two of it.",
    });
  }
  return found;
}

function ofId(id: string, place: { path: string; start: number; end: number }): Found[] {
  if (RESERVED.has(id)) {
    const hint = `Use another id, such as ${id}_step.`;
    return [
      {
        code: "reserved_id",
        ...place,
        message: `'${id}' is a word of the expression language.`,
        hint,
      },
    ];
  }
  if (isId(id)) return [];
  const hint =
    "An id has lower-case letters, digits and _, begins with a letter, and is at most 63 long.";
  return [{ code: "invalid_id", ...place, message: `'${id}' is not an id.`, hint }];
}

/** The name a loop gives its items. */
function ofVariable(workflow: Workflow, path: Path): Found[] {
  const node = nodeAt(workflow.tree.root, path);
  if (node?.type !== "scalar" || typeof node.value !== "string") return [];
  return ofId(node.value, { path: writtenPath(path), start: node.start, end: node.end });
}
