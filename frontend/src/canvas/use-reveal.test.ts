import { expect, it } from "vitest";
import { shiftInto } from "./use-reveal";

it("moves what is in sight nowhere, and what is not as little as shows all of it", () => {
  expect(shiftInto(100, 260, 800)).toBe(0);
  expect(shiftInto(700, 260, 800)).toBe(-184);
  expect(shiftInto(-50, 260, 800)).toBe(74);
});

it("shows the beginning of what is longer than the canvas", () => {
  expect(shiftInto(300, 900, 800)).toBe(-276);
});
