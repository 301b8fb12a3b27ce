/** Two people change the same thing: nothing of either is lost without a word. */
import { expect, it } from "vitest";
import { differences, withMine } from "./three-way";

const BASE = { role: "Critic", goal: "Find faults", tools: ["a"] };

it("tells what they changed, and where both did", () => {
  const theirs = { ...BASE, role: "Judge", tools: ["a", "b"] };
  const mine = { ...BASE, role: "Friend" };
  expect(differences(BASE, theirs, mine)).toEqual([
    { field: "role", theirs: "Judge", mine: "Friend", isBoth: true },
    { field: "tools", theirs: ["a", "b"], mine: ["a"], isBoth: false },
  ]);
});

it("finds nothing to ask where both changed it alike", () => {
  const both = { ...BASE, role: "Judge" };
  expect(differences(BASE, both, both)[0]?.isBoth).toBe(false);
});

it("keeps what I changed over what they saved", () => {
  const theirs = { ...BASE, role: "Judge", tools: ["a", "b"] };
  expect(withMine(BASE, theirs, { ...BASE, role: "Friend" })).toEqual({
    role: "Friend",
    goal: "Find faults",
    tools: ["a", "b"],
  });
});

it("keeps entries that I added, drops those that either of us took away, in my order", () => {
  const base: Record<string, number> = { one: 1, two: 2, three: 3 };
  const theirs: Record<string, number> = { one: 1, three: 3, four: 4 };
  const mine: Record<string, number> = { five: 5, two: 2, one: 1 };
  const merged = withMine(base, theirs, mine);
  expect(merged).toEqual({ five: 5, one: 1, four: 4 });
  expect(Object.keys(merged)).toEqual(["five", "one", "four"]);
  expect(differences(base, theirs, mine)).toEqual([
    { field: "two", theirs: undefined, mine: 2, isBoth: false },
    { field: "four", theirs: 4, mine: undefined, isBoth: false },
  ]);
});
