/** Which lines two texts share, in order: the shortest difference, after Myers (1986). */
import type { TextEdit } from "../document/text-edits";

/** Beyond as many differing lines the rest counts as changed: the search grows with their square. */
const MOST_DIFFERENT = 1_000;

/** Return the lines of a text, each with its line end. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Return for each line of `before` the place it has in `after`; those that are not there have none. */
export function sharedLines(before: readonly string[], after: readonly string[]): number[] {
  const shared = new Array<number>(before.length).fill(-1);
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) {
    shared[start] = start;
    start += 1;
  }
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) {
    same += 1;
    shared[before.length - same] = after.length - same;
  }
  const inner = [
    before.slice(start, before.length - same),
    after.slice(start, after.length - same),
  ];
  for (const [from, to] of path(inner[0] ?? [], inner[1] ?? [])) shared[start + from] = start + to;
  return shared;
}

/** The pairs of equal lines on a shortest way from one text to the other. */
function path(before: readonly string[], after: readonly string[]): [number, number][] {
  const most = Math.min(before.length + after.length, MOST_DIFFERENT);
  const rounds: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let round = 0; round <= most; round += 1) {
    rounds.push(furthest);
    const next = new Map(furthest);
    for (let diagonal = -round; diagonal <= round; diagonal += 2) {
      let at = startOn(furthest, diagonal, round);
      while (at < before.length && before[at] === after[at - diagonal]) at += 1;
      next.set(diagonal, at);
      if (at >= before.length && at - diagonal >= after.length)
        return walkedBack(rounds, before, after);
    }
    furthest = next;
  }
  return [];
}

function startOn(furthest: ReadonlyMap<number, number>, diagonal: number, round: number): number {
  const above = furthest.get(diagonal + 1) ?? -1;
  const left = furthest.get(diagonal - 1) ?? -1;
  return diagonal === -round || (diagonal !== round && left < above) ? above : left + 1;
}

function walkedBack(
  rounds: readonly Map<number, number>[],
  before: readonly string[],
  after: readonly string[],
): [number, number][] {
  const found: [number, number][] = [];
  let [x, y] = [before.length, after.length];
  for (let round = rounds.length - 1; round >= 0; round -= 1) {
    const furthest = rounds[round] ?? new Map<number, number>();
    const diagonal = x - y;
    const above = furthest.get(diagonal + 1) ?? -1;
    const left = furthest.get(diagonal - 1) ?? -1;
    const isDown = diagonal === -round || (diagonal !== round && left < above);
    const previous = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = round === 0 ? 0 : (furthest.get(previous) ?? 0);
    const fromY = round === 0 ? 0 : fromX - previous;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      found.push([x, y]);
    }
    [x, y] = [fromX, fromY];
  }
  return found;
}

/** Return the edits that make one text of the other, a range for each run of changed lines. */
export function lineEdits(before: string, after: string): TextEdit[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const shared = [...sharedLines(old, fresh), fresh.length];
  const edits: TextEdit[] = [];
  let [position, from, to, start] = [0, 0, 0, 0];
  for (const [line, place] of shared.entries()) {
    if (place >= 0) {
      const text = fresh.slice(to, place).join("");
      if (line > from || text) edits.push({ start, end: position, text });
      [from, to] = [line + 1, place + 1];
    }
    position += old[line]?.length ?? 0;
    if (place >= 0) start = position;
  }
  return edits;
}
