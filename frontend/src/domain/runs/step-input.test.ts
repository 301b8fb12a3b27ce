/** What a step was given: texts with the run's values, what is not known here as it is written. */
import { expect, it } from "vitest";
import { finished } from "@/testing/run-events";
import { readWorkflow } from "../document/workflow";
import { applyRunEvent } from "./apply-event";
import { emptyRun } from "./run-view";
import { stepInput } from "./step-input";

const SOURCE = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: w}
steps:
  a: {agent: research, prompt: "Find \${inputs.topic}"}
  b:
    agent: qa
    prompt: "Judge \${steps.a.output}"
    checks: {min_chars: "\${steps.nowhere.output}"}
`;

it("puts the values of the run into the texts", () => {
  const run = applyRunEvent(emptyRun("r"), finished(1, "facts", "a"));
  const step = readWorkflow(SOURCE).byPath.get("steps.b");
  expect(step && stepInput(step, run, { topic: "bees" })).toEqual({
    agent: "qa",
    prompt: "Judge facts",
    checks: { min_chars: "${steps.nowhere.output}" },
  });
});
