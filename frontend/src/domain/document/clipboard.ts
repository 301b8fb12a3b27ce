/** Steps and notes on the clipboard: steps as a YAML text that stands alone, named anew and rewired where it is put in. */
import { isMap, type JsonValue } from "../expressions/values";
import { arrange } from "../layout/arrange";
import {
  EMPTY_LAYOUT,
  type Layout,
  NOTE_PREFIX,
  type Note,
  type Point,
  readLayout,
  readPoints,
} from "../layout/layout";
import { applyOperations, type Operation } from "./operations";
import { STEP_KINDS } from "./words";
import { freeId, readWorkflow, type Step, type Workflow } from "./workflow";
import { sourceOfEntry } from "./yaml-edits";

/** Beside the text: where the steps stood, and notes. Lost when the text comes from somewhere else. */
export const CLIPBOARD_TYPE = "application/x-flowloom-steps";

export interface Clip {
  /** A document with nothing but `steps:`; empty when there are only notes. */
  fragment: string;
  positions: Record<string, Point>;
  notes: Note[];
}

type NoteOperation = Extract<Operation, { op: "put_note" }>;

/** Return the selected steps that are not inside another selected one. */
export function outermost(workflow: Workflow, paths: Iterable<string>): Step[] {
  const wanted = new Set(paths);
  return workflow.steps.filter((step) => {
    if (!wanted.has(step.path) || step.block.kind === "undo") return false;
    return ![...wanted].some((other) => step.path.startsWith(`${other}.`));
  });
}

/** Copy steps and notes; of steps with the same id in two blocks the first. */
export function copySteps(
  workflow: Workflow,
  layout: Layout,
  paths: Iterable<string>,
): Clip | undefined {
  const chosen = [...paths];
  const steps = outermost(workflow, chosen);
  const notes = layout.notes.filter(({ id }) => chosen.includes(NOTE_PREFIX + id));
  if (steps.length === 0)
    return notes.length > 0 ? { fragment: "", positions: {}, notes } : undefined;
  const places = arrange(workflow, layout);
  const positions: Record<string, Point> = {};
  const texts: string[] = [];
  for (const step of steps) {
    if (step.id in positions) continue;
    const place = places.get(step.path);
    positions[step.id] = { x: place?.x ?? 0, y: place?.y ?? 0 };
    texts.push(sourceOfEntry(workflow.tree, step.parts));
  }
  const lines = texts.flatMap((text) => text.split("\n"));
  const body = lines.map((line) => (line ? `  ${line}` : line)).join("\n");
  return { fragment: `steps:\n${body}\n`, positions, notes };
}

/** Read what is on a clipboard: our own, or any text that holds steps. */
export function readClip(text: string, beside = ""): Clip | undefined {
  const data = dataOf(beside);
  const found = isMap(data) ? data : {};
  const positions = readPoints(found.positions);
  const { notes } = readLayout({ notes: found.notes ?? [] });
  // The words of a note are its own, whatever they look like.
  const areOnlyNotes = notes.length > 0 && Object.keys(positions).length === 0;
  const fragment = areOnlyNotes ? "" : fragmentOf(text);
  return fragment === undefined ? undefined : { fragment, positions, notes };
}

function dataOf(text: string): JsonValue {
  try {
    return JSON.parse(text || "{}") as JsonValue;
  } catch {
    return {};
  }
}

/** Return what is written beside the text, and the text of a clip without steps. */
export function writtenClip({ fragment, positions, notes }: Clip): {
  text: string;
  beside: string;
} {
  const text = fragment || notes.map((note) => note.text).join("\n\n");
  return { text, beside: JSON.stringify({ positions, notes }) };
}

/** Return the operations that put the notes of a clip in, each a note of its own. */
export function pasteNotes(clip: Clip, shift: Point, newId: () => string): NoteOperation[] {
  return clip.notes.map((note) => ({
    op: "put_note",
    note: { ...note, id: newId(), x: note.x + shift.x, y: note.y + shift.y },
  }));
}

/** A document's steps, or a mapping whose values are steps. */
function fragmentOf(text: string): string | undefined {
  const asDocument = readWorkflow(text);
  if (isMap(asDocument.data.steps)) return asDocument.steps.length > 0 ? text : undefined;
  const values = Object.values(asDocument.data);
  const areSteps =
    values.length > 0 &&
    values.every((value) => isMap(value) && STEP_KINDS.some((kind) => kind in value));
  if (!areSteps) return undefined;
  const lines = text.split("\n").map((line) => (line ? `  ${line}` : line));
  return `steps:\n${lines.join("\n")}`;
}

/** Return the operation that puts a clip into a block, and the ids its steps have there. */
export function pasteOperation(
  workflow: Workflow,
  clip: Clip,
  into: { block: string; shift: Point; keepsLinks?: boolean },
): { operation: Operation; ids: string[] } {
  let doc = { source: clip.fragment, layout: EMPTY_LAYOUT };
  const renamed = new Map<string, string>();
  for (const step of topSteps(doc.source)) {
    // An id that another step of the fragment has would make two steps one.
    const both = { ...workflow, steps: [...workflow.steps, ...topSteps(doc.source)] };
    const isFree = !workflow.steps.some((one) => one.id === step.id);
    const id = isFree ? step.id : freeId(both, step.id);
    if (id !== step.id) doc = applyOperations(doc, [{ op: "rename_step", path: step.path, id }]);
    renamed.set(step.id, id);
  }
  const block = workflow.blocks.find((one) => one.id === into.block);
  const kept = into.keepsLinks ? new Set(Object.keys(block?.steps ?? {})) : new Set<string>();
  doc = { ...doc, source: withoutOutside(doc.source, kept) };
  const positions: Record<string, Point> = {};
  for (const [id, at] of Object.entries(clip.positions)) {
    const now = renamed.get(id);
    if (now) positions[now] = { x: at.x + into.shift.x, y: at.y + into.shift.y };
  }
  return {
    operation: { op: "insert_steps", block: into.block, fragment: doc.source, positions },
    ids: [...renamed.values()],
  };
}

function topSteps(source: string): Step[] {
  return readWorkflow(source).steps.filter((step) => step.block.id === "steps");
}

/** Take the names of steps that are not here out of `needs` and switches; references are left for people to mend. */
function withoutOutside(source: string, kept: ReadonlySet<string>): string {
  const here = new Set(topSteps(source).map((step) => step.id));
  const strange = new Set(
    topSteps(source)
      .flatMap((step) => namesIn(step))
      .filter((name) => !here.has(name) && !kept.has(name)),
  );
  return [...strange].reduce((text, name) => {
    const doc = { source: text, layout: EMPTY_LAYOUT };
    return applyOperations(doc, [{ op: "forget_name", block: "steps", id: name }]).source;
  }, source);
}

function namesIn(step: Step): string[] {
  const cases = Array.isArray(step.data.switch) ? step.data.switch.filter(isMap) : [];
  return [step.data.needs, ...cases.map((one) => one.then ?? one.else)]
    .flat()
    .filter((name): name is string => typeof name === "string");
}
