/** Steps that are switched off, given another kind, or put into a workflow of their own. */
import { describe, expect, it } from "vitest";
import { EMPTY_LAYOUT } from "../layout/layout";
import { localProblems } from "../validation/local-problems";
import { extractSteps } from "./extraction";
import { applyOperations } from "./operations";
import { replaceStep } from "./replacing";
import { isOff, skippedWith, switchOperation } from "./switching-off";
import { readWorkflow } from "./workflow";

const SOURCE = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: brief}
inputs: {type: object, properties: {topic: {type: string}}}
secrets: [token]
steps:
  plan: {agent: research, prompt: "About \${inputs.topic}", output: {type: array}}
  write: # in short
    agent: analysis
    if: "\${size(steps.plan.output) > 0}"
    prompt: "Write from \${steps.plan.output} on \${inputs.topic}" # all of it
    tools: [memory.search]
  check: {agent: qa, prompt: "Judge \${steps.write.output[0]}"}
  send: {http: {method: POST, url: "https://x.example/", body: "\${steps.check.output.score}"}, needs: [write]}
outputs: {text: "\${steps.write.output}", sent: "\${steps.send.status}"}
`;
const doc = (source = SOURCE) => ({ source, layout: EMPTY_LAYOUT });
const step = (path: string, source = SOURCE) => {
  const found = readWorkflow(source).byPath.get(path);
  if (!found) throw new Error(path);
  return found;
};

describe("switching off", () => {
  it("keeps the condition, and gives it back byte for byte", () => {
    const off = switchOperation(step("steps.write"), true);
    const { source } = applyOperations(doc(), off ? [off] : []);
    expect(source).toContain("false && (size(steps.plan.output) > 0)");
    expect(isOff(step("steps.write", source).data)).toBe(true);
    expect(localProblems(source)).toEqual([]);
    const on = switchOperation(step("steps.write", source), false);
    expect(applyOperations(doc(source), on ? [on] : []).source).toBe(SOURCE);
  });

  it("gives a step without a condition one, and takes it away again", () => {
    const off = switchOperation(step("steps.plan"), true);
    const { source } = applyOperations(doc(), off ? [off] : []);
    expect(step("steps.plan", source).data.if).toBe("${false}");
    const on = switchOperation(step("steps.plan", source), false);
    expect(applyOperations(doc(source), on ? [on] : []).source).toBe(SOURCE);
    expect(switchOperation(step("steps.plan"), false)).toBeUndefined();
  });

  it("says which steps are skipped with it", () => {
    expect(skippedWith(readWorkflow(SOURCE), ["steps.write"])).toEqual(["check", "send"]);
    const any = SOURCE.replace("needs: [write]", "needs: [write], join: any");
    expect(skippedWith(readWorkflow(any), ["steps.write"])).toEqual(["check"]);
  });
});

describe("another kind", () => {
  const llm = {
    type: "object",
    properties: { llm: {}, prompt: {}, output: {}, if: {}, needs: {} },
  };

  it("keeps what both have, comments too, and says what is lost", () => {
    const example = { llm: "default", prompt: "Say hello" };
    const made = replaceStep(doc(), step("steps.write"), example, llm);
    expect(made.fields).toEqual(["tools"]);
    expect(made.wires).toEqual([]);
    const { source } = applyOperations(doc(), made.operations);
    expect(source).toContain(
      'prompt: "Write from ${steps.plan.output} on ${inputs.topic}" # all of it',
    );
    expect(step("steps.write", source).kind).toBe("llm");
    expect(localProblems(source)).toEqual([]);
  });

  it("says which wires went with a field", () => {
    const wait = { type: "object", properties: { wait: {}, if: {}, needs: {} } };
    const made = replaceStep(doc(), step("steps.check"), { wait: { for: "5s" } }, wait);
    expect(made.wires).toEqual(["write"]);
    expect(step("steps.check", applyOperations(doc(), made.operations).source).data).toEqual({
      wait: { for: "5s" },
    });
  });
});

describe("a workflow of their own", () => {
  const extract = (paths: string[], source = SOURCE) =>
    extractSteps(doc(source), paths, "brief-part");

  it("asks for what the steps took, gives what others took, and stands in their place", () => {
    const made = extract(["steps.write", "steps.check"]);
    if (typeof made === "string") throw new Error(made);
    expect(made.inputs).toEqual(["plan", "topic"]);
    expect(made.outputs).toEqual(["check", "write"]);
    const inner = readWorkflow(made.source);
    expect(localProblems(made.source)).toEqual([]);
    expect(inner.data.inputs).toEqual({
      type: "object",
      properties: { plan: { type: "array" }, topic: { type: "string" } },
    });
    expect(made.source).toContain('"Write from ${inputs.plan} on ${inputs.topic}" # all of it');
    expect(made.source).toContain('if: "${size(inputs.plan) > 0}"');
    const { source } = applyOperations(doc(), made.operations("part"));
    expect(localProblems(source)).toEqual([]);
    expect(readWorkflow(source).data).toMatchObject({
      steps: {
        part: {
          workflow: "brief-part",
          inputs: { plan: "${steps.plan.output}", topic: "${inputs.topic}" },
        },
        send: { http: { body: "${steps.part.output.check.score}" }, needs: ["part"] },
      },
      outputs: { text: "${steps.part.output.write}" },
    });
    expect(Object.keys(readWorkflow(source).data.steps ?? {})).toEqual(["plan", "part", "send"]);
  });

  it("takes variables of a loop as inputs, and secrets by name", () => {
    const source = `${SOURCE.slice(0, SOURCE.indexOf("steps:"))}steps:
  each:
    loop: {over: "\${[1, 2]}", as: item}
    do:
      one: {tool: memory.search, with: {query: "\${item}", key: "\${secrets.token}"}}
      two: {transform: "\${steps.one.output}"}
    output: "\${steps.two.output}"
`;
    const made = extract(["steps.each.do.one", "steps.each.do.two"], source);
    if (typeof made === "string") throw new Error(made);
    expect(made.inputs).toEqual(["item"]);
    expect(readWorkflow(made.source).data.secrets).toEqual(["token"]);
    const changed = applyOperations(doc(source), made.operations("part")).source;
    expect(changed).toContain('output: "${steps.part.output.two}"');
    expect(step("steps.each.do.part", changed).data.inputs).toEqual({ item: "${item}" });
    expect(localProblems(changed)).toEqual([]);
  });

  it("refuses what would not be the same any more", () => {
    expect(extract([])).toBe("none");
    expect(extract(["steps.plan", "steps.check"])).toBe("between");
    expect(extract(["steps.send"])).toBe("state");
    const switched = SOURCE.replace("  send:", "  way: {switch: [{else: send}]}\n  send:");
    expect(extract(["steps.way"], switched)).toBe("switch");
  });
});
