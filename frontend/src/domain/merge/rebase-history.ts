/** Keeps undo right after somebody else's change: entries move with the text, those that no longer apply go. */
import type { History, HistoryEntry } from "../document/history";
import type { WorkflowDoc } from "../document/operations";
import type { TextEdit } from "../document/text-edits";
import type { Layout } from "../layout/layout";
import { lineEdits } from "./line-diff";
import { mergeLayouts } from "./merge-layout";

/** Return the history of `after`, where `before` became it by a change that is nobody's to undo here. */
export function rebaseHistory(history: History, before: WorkflowDoc, after: WorkflowDoc): History {
  let changes = lineEdits(before.source, after.source);
  const past: HistoryEntry[] = [];
  for (const entry of history.past.toReversed()) {
    const moved = movedEntry(entry, changes);
    if (!moved) break;
    const follow = (layout: Layout) => followed(layout, before.layout, after.layout);
    const layouts = {
      layout_before: follow(entry.layout_before),
      layout_after: follow(entry.layout_after),
    };
    past.unshift({ ...entry, ...moved.edits, ...layouts, merge_key: undefined });
    changes = moved.changes;
  }
  return { past, future: [] };
}

function followed(layout: Layout, before: Layout, after: Layout): Layout {
  if (before === after) return layout;
  const sides = { base: before, mine: layout, theirs: after };
  return mergeLayouts(sides, { choices: new Map(), conflicts: [] });
}

/** Return the entry's edits after the changes, and the changes as they are before the entry; nothing if they touch. */
function movedEntry({ forward, backward }: HistoryEntry, changes: TextEdit[]) {
  if (!forward || !backward) return { edits: { forward, backward }, changes };
  const first = changes.filter((change) => change.end < backward.start);
  const later = changes.filter((change) => change.start > backward.end);
  if (first.length + later.length < changes.length) return undefined;
  const by = first.reduce((sum, change) => sum + grown(change), 0);
  const back = grown(backward);
  return {
    edits: { forward: shifted(forward, by), backward: shifted(backward, by) },
    changes: [...first, ...later.map((change) => shifted(change, back))],
  };
}

function grown({ start, end, text }: TextEdit): number {
  return text.length - (end - start);
}

function shifted(edit: TextEdit, by: number): TextEdit {
  return { ...edit, start: edit.start + by, end: edit.end + by };
}
