/** What is seen first: small workflows whole, large ones from their beginning and large enough to be read. */
import { expect, it } from "vitest";
import type { CanvasNode } from "./graph";
import { firstView } from "./use-first-view";

const SIZE = { width: 1_000, height: 600 };

function row(count: number): CanvasNode[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `s${n}`,
    type: "step",
    position: { x: n * 336, y: 40 },
    width: 248,
    height: 76,
    data: {},
  }));
}

it("is all of a small workflow, in the middle and not larger than life", () => {
  const { x, y, zoom } = firstView(row(2), SIZE);
  expect(zoom).toBe(1.1);
  expect(x + (584 / 2) * zoom).toBeCloseTo(500);
  expect(y + (40 + 38) * zoom).toBeCloseTo(300);
});

it("is the beginning of one that is too wide to be read as a whole", () => {
  const { x, y, zoom } = firstView(row(40), SIZE);
  expect(zoom).toBe(0.62);
  expect(x).toBe(48);
  expect(y + (40 + 38) * zoom).toBeCloseTo(300);
});

it("is measured by what stands on the canvas itself, not by what is inside of that", () => {
  const inside = { ...row(1)[0], id: "inner", parentId: "s0", position: { x: 9_000, y: 9_000 } };
  expect(firstView([...row(2), inside as CanvasNode], SIZE)).toEqual(firstView(row(2), SIZE));
});
