/** Undo and redo: each entry knows the text it replaced and the layout before and after. */
import type { Layout } from "../layout/layout";
import { applyOperations, type Operation, type WorkflowDoc } from "./operations";
import { applyEdits, smallestEdit, type TextEdit } from "./text-edits";

export type Origin = "canvas" | "inspector" | "outline" | "yaml" | "ai" | "remote";

export interface HistoryEntry {
  label: string;
  origin: Origin;
  /** Edits with the same key within a short time are one entry. */
  merge_key: string | undefined;
  at: number;
  forward: TextEdit | undefined;
  backward: TextEdit | undefined;
  layout_before: Layout;
  layout_after: Layout;
  selection: string[];
}
export interface History {
  past: HistoryEntry[];
  future: HistoryEntry[];
}
export interface Change {
  label: string;
  origin: Origin;
  merge_key?: string | undefined;
  /** When it was made, in milliseconds. */
  at: number;
  selection?: string[] | undefined;
}
export interface Edited {
  doc: WorkflowDoc;
  history: History;
}

export const EMPTY_HISTORY: History = { past: [], future: [] };
const MOST = 200;
const BURST_MS = {
  canvas: 400,
  inspector: 1_000,
  outline: 400,
  yaml: 1_000,
  ai: 0,
  remote: 0,
} as const;

/** Apply operations and remember how to take them back; `remote` changes are not remembered. */
export function change(edited: Edited, operations: readonly Operation[], made: Change): Edited {
  const doc = applyOperations(edited.doc, operations);
  if (doc.source === edited.doc.source && doc.layout === edited.doc.layout) return edited;
  if (made.origin === "remote") return { doc, history: edited.history };
  const last = edited.history.past.at(-1);
  const merges = last !== undefined && isBurst(last, made);
  const base = merges ? before(last, edited.doc) : edited.doc;
  const entry = entryBetween(base, doc, { ...made, label: merges ? last.label : made.label });
  const past = merges ? edited.history.past.slice(0, -1) : edited.history.past;
  return { doc, history: { past: [...past, entry].slice(-MOST), future: [] } };
}

function isBurst(last: HistoryEntry, made: Change): boolean {
  return (
    made.merge_key !== undefined &&
    last.merge_key === made.merge_key &&
    made.at - last.at <= BURST_MS[made.origin]
  );
}

function entryBetween(from: WorkflowDoc, to: WorkflowDoc, made: Change): HistoryEntry {
  return {
    label: made.label,
    origin: made.origin,
    merge_key: made.merge_key,
    at: made.at,
    forward: smallestEdit(from.source, to.source),
    backward: smallestEdit(to.source, from.source),
    layout_before: from.layout,
    layout_after: to.layout,
    selection: made.selection ?? [],
  };
}

function before(entry: HistoryEntry, doc: WorkflowDoc): WorkflowDoc {
  return { source: applied(doc.source, entry.backward), layout: entry.layout_before };
}

function applied(source: string, edit: TextEdit | undefined): string {
  return edit ? applyEdits(source, [edit]) : source;
}

/** Take the last change back. */
export function undo({ doc, history }: Edited): Edited {
  const entry = history.past.at(-1);
  if (!entry) return { doc, history };
  const past = history.past.slice(0, -1);
  return { doc: before(entry, doc), history: { past, future: [entry, ...history.future] } };
}

/** Make the change that was taken back last again. */
export function redo({ doc, history }: Edited): Edited {
  const [entry, ...future] = history.future;
  if (!entry) return { doc, history };
  const after = { source: applied(doc.source, entry.forward), layout: entry.layout_after };
  return {
    doc: after,
    history: { past: [...history.past, { ...entry, merge_key: undefined }], future },
  };
}
