/** Two runs compared: aligned by step, where they part first, what it cost. */
import { expect, it } from "vitest";
import { event, finished, started } from "@/testing/run-events";
import { applyRunEvent, type RunEvent } from "./apply-event";
import { compareRuns } from "./compare";
import { emptyRun } from "./run-view";

function run(...events: RunEvent[]) {
  return events.reduce(applyRunEvent, emptyRun("r"));
}
const USAGE = { tokens: 30, usd: 0.5, tokens_saved: 0 };

it("finds the first step whose outcome is another", () => {
  const old = run(finished(1, "same", "a"), finished(2, "one", "b"), finished(3, "gone", "d"));
  const next = run(
    event(1, "step.reused.v1", { kind: "agent", status: "reused", output_preview: "same" }),
    finished(2, "two", "b"),
    finished(3, "new", "c"),
    event(4, "run.finished.v1", { status: "succeeded", usage: USAGE }),
  );
  const { steps, first, tokens } = compareRuns(old, next);
  expect(steps.map(({ path, difference }) => [path, difference])).toEqual([
    ["a", "same"],
    ["b", "changed"],
    ["c", "only_new"],
    ["d", "only_old"],
  ]);
  expect(first).toBe("b");
  expect(tokens).toEqual({ old: 0, new: 30 });
});

it("finds nothing in two equal runs", () => {
  const one = run(started(1), finished(2, "x"));
  expect(compareRuns(one, one).first).toBeUndefined();
});
