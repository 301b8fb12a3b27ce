/** Cards in line with each other, and with equal room between them. */
import type { Point } from "./layout";
import type { Size } from "./sizes";

export type Alignment = "left" | "center" | "right" | "top" | "middle" | "bottom";
export type Axis = "x" | "y";
export interface Box extends Point, Size {
  path: string;
}

/** Return new places for cards that share a parent; those that stand right already are left out. */
export function aligned(boxes: readonly Box[], how: Alignment): Record<string, Point> {
  const left = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const top = Math.min(...boxes.map((box) => box.y));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const place: Record<Alignment, (box: Box) => Point> = {
    left: (box) => ({ x: left, y: box.y }),
    center: (box) => ({ x: (left + right - box.width) / 2, y: box.y }),
    right: (box) => ({ x: right - box.width, y: box.y }),
    top: (box) => ({ x: box.x, y: top }),
    middle: (box) => ({ x: box.x, y: (top + bottom - box.height) / 2 }),
    bottom: (box) => ({ x: box.x, y: bottom - box.height }),
  };
  return moved(boxes, place[how]);
}

/** Return places with the same gap between neighbours; the first and the last stay. */
export function distributed(boxes: readonly Box[], axis: Axis): Record<string, Point> {
  const length = axis === "x" ? "width" : "height";
  const ordered = boxes.toSorted((one, other) => one[axis] - other[axis]);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!first || !last || ordered.length < 3) return {};
  const room = last[axis] + last[length] - first[axis];
  const taken = ordered.reduce((sum, box) => sum + box[length], 0);
  const gap = (room - taken) / (ordered.length - 1);
  let at = first[axis];
  const starts = new Map<string, number>();
  for (const box of ordered) {
    starts.set(box.path, at);
    at += box[length] + gap;
  }
  return moved(boxes, (box) => ({ x: box.x, y: box.y, [axis]: starts.get(box.path) ?? box[axis] }));
}

function moved(boxes: readonly Box[], place: (box: Box) => Point): Record<string, Point> {
  const found = boxes.map((box): [Box, Point] => [box, rounded(place(box))]);
  return Object.fromEntries(
    found
      .filter(([box, at]) => at.x !== box.x || at.y !== box.y)
      .map(([box, at]) => [box.path, at]),
  );
}

function rounded({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
}
