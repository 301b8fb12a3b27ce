/** Brings the open document together with what somebody else saved; loaded when that has happened. */
import type { WorkflowDocument } from "@/api/generated";
import type { WorkflowDoc } from "@/domain/document/operations";
import { readLayout } from "@/domain/layout/layout";
import type { Choices, Conflict } from "@/domain/merge/merge-data";
import { isSameDocument, mergeDocuments } from "@/domain/merge/merge-documents";
import { rebaseHistory } from "@/domain/merge/rebase-history";
import type { EditorState, MergedDocument } from "../editor-slice";
import type { Journal } from "./journal";

export interface Merging {
  merged: MergedDocument;
  conflicts: Conflict[];
}

/** Return the document that is to be edited on, on top of theirs, and what has to be chosen about first. */
export function mergedWith(
  state: EditorState,
  theirs: WorkflowDocument,
  choices?: Choices,
): Merging {
  const saved: WorkflowDoc = { source: theirs.source, layout: readLayout(theirs.layout) };
  const sides = { base: state.saved, mine: state.doc, theirs: saved };
  const { doc, conflicts } = mergeDocuments(sides, choices);
  const merged = {
    // The same object tells that nothing is left to be saved.
    doc: isSameDocument(doc, saved) ? saved : doc,
    history: rebaseHistory(state.history, state.doc, doc),
    saved,
    base_etag: theirs.etag,
  };
  return { merged, conflicts };
}

/** Whether the server has everything that a journal kept. */
export function isNothingNew({ base, doc }: Journal, found: WorkflowDocument): boolean {
  const theirs: WorkflowDoc = { source: found.source, layout: readLayout(found.layout) };
  const merged = mergeDocuments({ base, mine: doc, theirs });
  return merged.conflicts.length === 0 && isSameDocument(merged.doc, theirs);
}
