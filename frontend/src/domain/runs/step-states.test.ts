/** States of cards: of what did not change they are the same objects, so that nothing is drawn for it. */
import { expect, it } from "vitest";
import { finished, started } from "@/testing/run-events";
import { readWorkflow } from "../document/workflow";
import { applyRunEvent, type RunEvent } from "./apply-event";
import { emptyRun } from "./run-view";
import { cardStates } from "./step-states";

const workflow = readWorkflow(`steps:
  a: {transform: "\${1}"}
  b: {transform: "\${1}"}
  each:
    loop: {over: "\${[1, 2]}"}
    do: {inner: {transform: 1}}
`);
const after = (...events: RunEvent[]) => events.reduce(applyRunEvent, emptyRun("r1"));

it("keeps the state of a card while another one changes", () => {
  const before = after(started(1, "a"), started(2, "b"));
  const states = cardStates(workflow, before);
  const next = cardStates(workflow, applyRunEvent(before, finished(3, "x", "b")));
  expect(next.get("steps.a")).toBe(states.get("steps.a"));
  expect(next.get("steps.b")).not.toBe(states.get("steps.b"));
  expect(next.get("steps.b")?.status).toBe("succeeded");
});

it("puts the items of a loop together, again with each of them", () => {
  const begun = after(started(1, "each[0].inner"), finished(2, 1, "each[0].inner"));
  expect(cardStates(workflow, begun).get("steps.each.do.inner")).toMatchObject({
    status: "succeeded",
    done: 1,
  });
  const more = applyRunEvent(begun, started(3, "each[1].inner"));
  expect(cardStates(workflow, more).get("steps.each.do.inner")).toMatchObject({
    status: "running",
    focus: "each[1].inner",
    executions: ["each[0].inner", "each[1].inner"],
    done: 1,
  });
});
