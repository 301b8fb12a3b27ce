/** What two texts have and have not in common, line by line, in one order to be read in. */
import { linesOf, sharedLines } from "./line-diff";

export interface LineChange {
  /** Of the new text, of the old one, of both; `gap` stands for lines of both that are left out. */
  sign: "+" | "-" | " " | "gap";
  text: string;
}

/** Return the lines of both texts, those that only one has with their sign; nothing when they are the same. */
export function lineChanges(before: string, after: string): LineChange[] {
  if (before === after) return [];
  const [old, now] = [linesOf(before), linesOf(after)];
  const shared = sharedLines(old, now);
  const found: LineChange[] = [];
  const add = (sign: LineChange["sign"], line = "") =>
    found.push({ sign, text: line.replace(/\n$/, "") });
  let next = 0;
  for (const [at, line] of old.entries()) {
    const there = shared[at] ?? -1;
    if (there < 0) add("-", line);
    else {
      for (; next < there; next += 1) add("+", now[next]);
      add(" ", line);
      next = there + 1;
    }
  }
  for (; next < now.length; next += 1) add("+", now[next]);
  return found;
}

/** Leave out what both have further than a few lines from what differs. */
export function aroundChanges(lines: readonly LineChange[], context = 3): LineChange[] {
  const near = new Set<number>();
  for (const [at, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    for (let n = at - context; n <= at + context; n += 1) near.add(n);
  }
  const found: LineChange[] = [];
  for (const [at, line] of lines.entries()) {
    if (near.has(at)) found.push(line);
    else if (found.at(-1)?.sign !== "gap") found.push({ sign: "gap", text: "" });
  }
  return found;
}
