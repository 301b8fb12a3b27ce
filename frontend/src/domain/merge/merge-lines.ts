/** Three texts to one by their lines, so that comments and order of both sides stay as they are written. */
import { linesOf, sharedLines } from "./line-diff";

export type Side = "mine" | "theirs";

/** Return the merged text; where both sides changed the same lines, those of `preferred`. */
export function mergeLines(base: string, mine: string, theirs: string, preferred: Side): string {
  const [old, own, other] = [linesOf(base), linesOf(mine), linesOf(theirs)];
  const [inOwn, inOther] = [sharedLines(old, own), sharedLines(old, other)];
  let merged = "";
  let [atOld, atOwn, atOther] = [0, 0, 0];
  for (let line = 0; line <= old.length; line += 1) {
    const isEnd = line === old.length;
    const [toOwn = -1, toOther = -1] = isEnd
      ? [own.length, other.length]
      : [inOwn[line], inOther[line]];
    if (toOwn < 0 || toOther < 0) continue;
    const part = {
      base: old.slice(atOld, line).join(""),
      mine: own.slice(atOwn, toOwn).join(""),
      theirs: other.slice(atOther, toOther).join(""),
    };
    merged += resolved(part, preferred) + (old[line] ?? "");
    [atOld, atOwn, atOther] = [line + 1, toOwn + 1, toOther + 1];
  }
  return merged;
}

function resolved(part: { base: string; mine: string; theirs: string }, preferred: Side): string {
  if (part.mine === part.base) return part.theirs;
  if (part.theirs === part.base) return part.mine;
  return part[preferred];
}
