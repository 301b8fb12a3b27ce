// @vitest-environment jsdom
/** Views of the list of runs: kept for their owner, and read with care. */
import { beforeEach, expect, it } from "vitest";
import { keepViews, readViews, withView } from "./run-views";

beforeEach(() => localStorage.clear());

it("keeps views for their owner alone", () => {
  keepViews("ada", [{ name: "Slow", line: "duration:>1m" }]);
  expect(readViews("ada")).toEqual([{ name: "Slow", line: "duration:>1m" }]);
  expect(readViews("bob")).toEqual([]);
});

it("reads nothing out of what is none", () => {
  for (const text of ["", "{", "{}", '[1, {"name": 2}]']) {
    localStorage.setItem("flowloom.run-views.1.ada", text);
    expect(readViews("ada")).toEqual([]);
  }
});

it("has one view of a name, the newest first", () => {
  const views = withView(withView([], { name: "A", line: "x" }), { name: "B", line: "y" });
  expect(withView(views, { name: "A", line: "z" })).toEqual([
    { name: "A", line: "z" },
    { name: "B", line: "y" },
  ]);
});
