/** Changes of a text by ranges, so that all that is not touched stays byte for byte. */
export interface TextEdit {
  /** Characters of the text before the edit; `end` is exclusive. */
  start: number;
  end: number;
  text: string;
}

/** Return the text after edits that do not overlap, given in any order. */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const ordered = edits.map((edit, position) => ({ ...edit, position }));
  ordered.sort((one, other) => one.start - other.start || one.position - other.position);
  let made = "";
  let taken = 0;
  for (const edit of ordered) {
    if (edit.start < taken) throw new RangeError("Edits overlap.");
    made += source.slice(taken, edit.start) + edit.text;
    taken = edit.end;
  }
  return made + source.slice(taken);
}

/** Return the smallest single edit that makes one text of the other. */
export function smallestEdit(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let same = 0;
  while (
    same < most - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same += 1;
  }
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}
