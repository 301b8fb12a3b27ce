import { expect, it } from "vitest";
import { aligned, distributed } from "./align";

const boxes = [
  { path: "a", x: 0, y: 0, width: 100, height: 40 },
  { path: "b", x: 150, y: 30, width: 50, height: 80 },
  { path: "c", x: 400, y: 90, width: 100, height: 40 },
];

it("brings cards into line by an edge or their middle", () => {
  expect(aligned(boxes, "left")).toEqual({ b: { x: 0, y: 30 }, c: { x: 0, y: 90 } });
  expect(aligned(boxes, "bottom")).toEqual({ a: { x: 0, y: 90 }, b: { x: 150, y: 50 } });
  expect(aligned(boxes, "center").a).toEqual({ x: 200, y: 0 });
});

it("gives cards equal room and leaves the outer ones where they are", () => {
  expect(distributed(boxes, "x")).toEqual({ b: { x: 225, y: 30 } });
  expect(distributed(boxes.slice(0, 2), "x")).toEqual({});
});
