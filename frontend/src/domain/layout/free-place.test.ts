import { expect, it } from "vitest";
import { freePlace } from "./free-place";
import { CARD } from "./sizes";

const card = (x: number, y: number) => ({ path: "steps.a", parent: undefined, ...CARD, x, y });

it("stays where nothing is, and goes below what is in the way", () => {
  expect(freePlace({ x: 0, y: 0 }, [card(600, 0)])).toEqual({ x: 0, y: 0 });
  const below = freePlace({ x: 40, y: 8 }, [card(0, 100), card(0, 0)]);
  expect(below.x).toBe(40);
  expect(below.y).toBeGreaterThanOrEqual(100 + CARD.height);
  expect(freePlace(below, [card(0, 100), card(0, 0)])).toEqual(below);
});
