/** The only way to change a document: small operations, each a range of the text or a part of the layout. */
import type { JsonObject, JsonValue } from "../expressions/values";
import { type Group, type Layout, type Note, type Point, withPath } from "../layout/layout";
import {
  type Branch,
  connectEdits,
  disconnectEdits,
  removeName,
  unchooseEdits,
} from "./connections";
import { renameEdits } from "./rename";
import { entryOf, nodeAt, readPath } from "./source-tree";
import { applyEdits, type TextEdit } from "./text-edits";
import { readWorkflow, type Step, type Workflow } from "./workflow";
import {
  asLines,
  deleteEntry,
  deleteItem,
  insertEntry,
  insertEntryTexts,
  setAt,
  sourceOfEntry,
} from "./yaml-edits";

/** What is edited: the text, which alone holds comments and order, and the layout beside it. */
export interface WorkflowDoc {
  source: string;
  layout: Layout;
}

/** `path` is that of a step (`steps.plan`), `field` one of its own (`retry.max`), `block` where steps stand. */
export type Operation =
  | { op: "add_step"; block: string; id: string; step: JsonObject; after?: string; at?: Point }
  | { op: "insert_steps"; block: string; fragment: string; positions?: Record<string, Point> }
  | { op: "remove_step"; path: string }
  | { op: "forget_name"; block: string; id: string }
  | { op: "rename_step"; path: string; id: string }
  | { op: "set_field"; path: string; value: JsonValue }
  | { op: "remove_field"; path: string }
  | { op: "connect"; source: string; target: string; branch?: Branch }
  | { op: "disconnect"; source: string; target: string }
  | { op: "set_source"; source: string }
  | { op: "move"; positions: Record<string, Point> }
  | { op: "put_note"; note: Note }
  | { op: "remove_note"; id: string }
  | { op: "put_group"; group: Group }
  | { op: "remove_group"; id: string }
  | { op: "pin"; path: string; value: JsonValue }
  | { op: "unpin"; path: string };

/** Return the document after operations; one that does not apply any more changes nothing. */
export function applyOperations(doc: WorkflowDoc, operations: readonly Operation[]): WorkflowDoc {
  return operations.reduce(applyOperation, doc);
}

function applyOperation(doc: WorkflowDoc, operation: Operation): WorkflowDoc {
  switch (operation.op) {
    case "add_step":
      return addStep(doc, operation);
    case "insert_steps":
      return insertSteps(doc, operation);
    case "remove_step":
      return removeStep(doc, operation.path);
    case "forget_name":
      return { ...doc, source: withoutName(doc.source, operation.block, operation.id) };
    case "rename_step":
      return renameStep(doc, operation.path, operation.id);
    case "set_field":
      return edited(
        doc,
        setAt(readWorkflow(doc.source).tree, readPath(operation.path), operation.value),
      );
    case "remove_field":
      return removeField(doc, operation.path);
    case "connect":
    case "disconnect":
      return rewire(doc, operation);
    case "set_source":
      return { ...doc, source: operation.source };
    default:
      return { ...doc, layout: applyToLayout(doc.layout, operation) };
  }
}

type LayoutOperation = Extract<
  Operation,
  { op: "move" | "put_note" | "remove_note" | "put_group" | "remove_group" | "pin" | "unpin" }
>;

function applyToLayout(layout: Layout, operation: LayoutOperation): Layout {
  switch (operation.op) {
    case "move":
      return { ...layout, nodes: { ...layout.nodes, ...operation.positions } };
    case "put_note":
      return { ...layout, notes: put(layout.notes, operation.note) };
    case "remove_note":
      return { ...layout, notes: layout.notes.filter((note) => note.id !== operation.id) };
    case "put_group":
      return { ...layout, groups: put(layout.groups, operation.group) };
    case "remove_group":
      return { ...layout, groups: layout.groups.filter((group) => group.id !== operation.id) };
    case "pin":
      return { ...layout, pins: { ...layout.pins, [operation.path]: operation.value } };
    case "unpin": {
      const { [operation.path]: _gone, ...pins } = layout.pins;
      return { ...layout, pins };
    }
  }
}

function put<Item extends { id: string }>(items: Item[], item: Item): Item[] {
  const isKnown = items.some((one) => one.id === item.id);
  return isKnown ? items.map((one) => (one.id === item.id ? item : one)) : [...items, item];
}

function edited(doc: WorkflowDoc, edits: TextEdit[]): WorkflowDoc {
  return edits.length === 0 ? doc : { ...doc, source: applyEdits(doc.source, edits) };
}

function addStep(doc: WorkflowDoc, operation: Extract<Operation, { op: "add_step" }>): WorkflowDoc {
  const { tree } = readWorkflow(doc.source);
  const path = readPath(operation.block);
  const block = nodeAt(tree.root, path);
  if (entryOf(block, operation.id)) return doc;
  const hasEntries = block?.type === "mapping" && block.entries.length > 0;
  const edits = hasEntries
    ? [insertEntry(doc.source, block, operation.id, operation.step, operation.after)]
    : setAt(tree, path, { [operation.id]: operation.step });
  const added = edited(doc, edits);
  // The first step of a document is followed by others: each has lines of its own.
  const { source } = hasEntries
    ? added
    : edited(added, asLines(readWorkflow(added.source).tree, path));
  const nodes = operation.at
    ? { ...doc.layout.nodes, [`${operation.block}.${operation.id}`]: operation.at }
    : doc.layout.nodes;
  return { source, layout: { ...doc.layout, nodes } };
}

/** Put the steps of a fragment in as they are written there, comments and all; their ids must be free. */
function insertSteps(
  doc: WorkflowDoc,
  operation: Extract<Operation, { op: "insert_steps" }>,
): WorkflowDoc {
  const from = readWorkflow(operation.fragment);
  const steps = from.steps.filter((step) => step.block.id === "steps");
  const { tree } = readWorkflow(doc.source);
  const block = nodeAt(tree.root, readPath(operation.block));
  const taken = block?.type === "mapping" ? block.entries.map((entry) => entry.key) : [];
  if (steps.length === 0 || steps.some((step) => taken.includes(step.id))) return doc;
  const hasLines = block?.type === "mapping" && !block.isFlow && block.entries.length > 0;
  const nodes = { ...doc.layout.nodes };
  for (const [id, at] of Object.entries(operation.positions ?? {}))
    nodes[`${operation.block}.${id}`] = at;
  const layout = { ...doc.layout, nodes };
  if (!hasLines) {
    const added = steps.reduce(
      (made, { id, data }) =>
        applyOperation(made, { op: "add_step", block: operation.block, id, step: data }),
      doc,
    );
    return { source: added.source, layout };
  }
  const texts = steps.map((step) => sourceOfEntry(from.tree, step.parts));
  return { source: applyEdits(doc.source, [insertEntryTexts(doc.source, block, texts)]), layout };
}

/** Take a step out, and its name out of needs and switches; what refers to it is left for people to mend. */
function removeStep(doc: WorkflowDoc, path: string): WorkflowDoc {
  const step = readWorkflow(doc.source).byPath.get(path);
  if (!step) return doc;
  const named = withoutName(doc.source, step.block.id, step.id);
  const source = applyEdits(named, deleteEntry(readWorkflow(named).tree, step.parts));
  return { source, layout: withPath(doc.layout, path, undefined) };
}

/** Take a name out of the needs and switches of a block's steps. */
function withoutName(source: string, block: string, id: string): string {
  const names = readWorkflow(source).blocks.find((one) => one.id === block)?.steps ?? {};
  return Object.keys(names).reduce(
    (text, name) => applyEdits(text, unnamed(readWorkflow(text), `${block}.${name}`, id)),
    source,
  );
}

function unnamed(workflow: Workflow, path: string, id: string): TextEdit[] {
  const step = workflow.byPath.get(path);
  if (!step) return [];
  return [
    ...removeName(workflow, [...step.parts, "needs"], step.data.needs, id),
    ...unchooseEdits(workflow, step, id),
  ];
}

function renameStep(doc: WorkflowDoc, path: string, id: string): WorkflowDoc {
  const workflow = readWorkflow(doc.source);
  const step = workflow.byPath.get(path);
  if (!step || step.id === id || id in step.block.steps || step.block.kind === "undo") return doc;
  const source = applyEdits(doc.source, renameEdits(workflow, step, id));
  return { source, layout: withPath(doc.layout, path, `${step.block.id}.${id}`) };
}

function removeField(doc: WorkflowDoc, path: string): WorkflowDoc {
  const { tree } = readWorkflow(doc.source);
  const parts = readPath(path);
  const isItem = typeof parts.at(-1) === "number";
  return edited(doc, isItem ? deleteItem(tree, parts) : deleteEntry(tree, parts));
}

function rewire(
  doc: WorkflowDoc,
  operation: Extract<Operation, { op: "connect" | "disconnect" }>,
): WorkflowDoc {
  const workflow = readWorkflow(doc.source);
  const [source, target] = [operation.source, operation.target].map((path) =>
    workflow.byPath.get(path),
  );
  if (!source || !target) return doc;
  if (operation.op === "connect")
    return edited(doc, connectEdits(workflow, source, target, operation.branch));
  return edited(doc, cutEdits(workflow, source, target));
}

function cutEdits(workflow: Workflow, source: Step, target: Step): TextEdit[] {
  const found = disconnectEdits(workflow, source, target);
  return "edits" in found ? found.edits : [];
}
