/** What a model proposes is read with suspicion; what is accepted of it is written as people's edits are. */
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../expressions/values";
import { EMPTY_LAYOUT } from "../layout/layout";
import { applyOperations } from "./operations";
import { proposalOperations, readProposal } from "./proposal";
import { readWorkflow } from "./workflow";

const SOURCE = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: brief, title: Old}
inputs: {type: object, properties: {topic: {type: string}}}
steps:
  plan: {agent: research, prompt: "About \${inputs.topic}"} # first
  write:
    agent: analysis # who
    prompt: Old words
outputs: {text: "\${steps.write.output}"}
`;
const VALUE: JsonValue = {
  explanation: "Checks the text.",
  title: "New",
  changes: [
    { action: "put", id: "write", step: { agent: "analysis", prompt: "New words" } },
    { action: "put", id: "check", step: { agent: "qa", prompt: "Judge ${steps.write.output}" } },
    { action: "remove", id: "plan" },
    { action: "put", id: "Not An Id", step: { agent: "qa" } },
    { action: "put", id: "no_kind", step: { prompt: "?" } },
    "nonsense",
  ],
  inputs: { depth: { type: "integer" }, topic: { type: "number" } },
  outputs: { verdict: "${steps.check.output}" },
};

function applied(accepted: string[], isNew = false) {
  const proposal = readProposal(VALUE);
  if (!proposal) throw new Error("no proposal");
  const operations = proposalOperations(readWorkflow(SOURCE), proposal, new Set(accepted), isNew);
  return applyOperations({ source: SOURCE, layout: EMPTY_LAYOUT }, operations).source;
}

describe("a proposal", () => {
  it("is read as far as it says steps, and what is none is counted", () => {
    expect(readProposal(VALUE)).toMatchObject({ explanation: "Checks the text.", unusable: 3 });
    expect(readProposal(VALUE)?.steps.map(({ id }) => id)).toEqual(["write", "check", "plan"]);
    expect(readProposal("text")).toBeUndefined();
    expect(readProposal({ explanation: "x" })).toBeUndefined();
  });

  it("changes what it says, step by step, and leaves comments where they are", () => {
    const source = applied(["write", "check"]);
    expect(source).toContain("agent: analysis # who\n    prompt: New words");
    expect(source).toContain('plan: {agent: research, prompt: "About ${inputs.topic}"} # first');
    expect(readWorkflow(source).data).toMatchObject({
      metadata: { title: "Old" },
      inputs: { properties: { topic: { type: "string" }, depth: { type: "integer" } } },
      steps: { check: { agent: "qa" } },
      outputs: { text: "${steps.write.output}", verdict: "${steps.check.output}" },
    });
    expect(Object.keys(readWorkflow(applied(["plan"])).data.steps ?? {})).toEqual(["write"]);
  });

  it("is all there is in a new workflow", () => {
    expect(readWorkflow(applied(["check"], true)).data).toMatchObject({
      metadata: { name: "brief", title: "New" },
      inputs: { properties: { topic: { type: "number" } } },
      outputs: { verdict: "${steps.check.output}" },
    });
    expect(Object.keys(readWorkflow(applied(["check"], true)).data.steps ?? {})).toEqual(["check"]);
  });
});
