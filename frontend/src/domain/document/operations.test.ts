/** What single operations write: exactly the lines they are about. */
import { describe, expect, it } from "vitest";
import { EMPTY_LAYOUT } from "../layout/layout";
import { canConnect } from "./connections";
import { applyOperations, type Operation } from "./operations";
import { readWorkflow } from "./workflow";

const SOURCE = `# a brief
apiVersion: flowloom/v1
steps:
  plan: # first
    agent: research
    prompt: "About \${inputs.topic}"
  route:
    switch:
      - {when: "\${steps.plan.output != ''}", then: send}
      - {else: plan_b}
  send: {http: {url: "https://x.example/\${steps.plan.output}"}, needs: [plan]} # last
  plan_b:
    transform: 1
outputs: {brief: "\${steps.plan.output}"}
`;

function edited(...operations: Operation[]): string {
  return applyOperations({ source: SOURCE, layout: EMPTY_LAYOUT }, operations).source;
}

/** The lines that an edit took away and brought. */
function difference(next: string): string[] {
  const [old, fresh] = [SOURCE.split("\n"), next.split("\n")];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

describe("operations", () => {
  it("rename a step everywhere it is meant, and nowhere else", () => {
    expect(difference(edited({ op: "rename_step", path: "steps.plan", id: "outline" }))).toEqual([
      "-  plan: # first",
      `-      - {when: "\${steps.plan.output != ''}", then: send}`,
      '-  send: {http: {url: "https://x.example/${steps.plan.output}"}, needs: [plan]} # last',
      '-outputs: {brief: "${steps.plan.output}"}',
      "+  outline: # first",
      `+      - {when: "\${steps.outline.output != ''}", then: send}`,
      '+  send: {http: {url: "https://x.example/${steps.outline.output}"}, needs: [outline]} # last',
      '+outputs: {brief: "${steps.outline.output}"}',
    ]);
  });

  it("add a step as a block of lines after another", () => {
    const step = { agent: "qa", prompt: "two\nlines" };
    const next = edited({ op: "add_step", block: "steps", id: "check", step, after: "plan" });
    expect(difference(next)).toEqual([
      "+  check:",
      "+    agent: qa",
      "+    prompt: |-",
      "+      two",
      "+      lines",
    ]);
    expect(Object.keys(readWorkflow(next).data.steps as object)).toEqual([
      "plan",
      "check",
      "route",
      "send",
      "plan_b",
    ]);
  });

  it("give the first step of an empty document lines of its own, so that the next have theirs", () => {
    const add = (id: string): Operation => ({
      op: "add_step",
      block: "steps",
      id,
      step: { agent: "qa", prompt: id },
    });
    const withTwo = (source: string) =>
      applyOperations({ source, layout: EMPTY_LAYOUT }, [add("one"), add("two")]).source;
    const lines = "steps:\n  one: {agent: qa, prompt: one}\n  two: {agent: qa, prompt: two}\n";
    expect(withTwo("steps: {}\n")).toBe(lines);
    expect(withTwo("kind: Workflow\n")).toBe(`kind: Workflow\n${lines}`);
    expect(withTwo("steps: {} # none yet\n")).toBe(
      "steps: {one: {agent: qa, prompt: one}, two: {agent: qa, prompt: two}} # none yet\n",
    );
  });

  it("connect and disconnect without touching anything else", () => {
    const wire = { source: "steps.plan", target: "steps.plan_b" };
    const connected = edited({ op: "connect", ...wire });
    expect(difference(connected)).toEqual(["+    needs: [plan]"]);
    expect(
      applyOperations({ source: connected, layout: EMPTY_LAYOUT }, [{ op: "disconnect", ...wire }])
        .source,
    ).toBe(SOURCE);
  });

  it("connect through the case of a switch", () => {
    expect(
      difference(
        edited({ op: "connect", source: "steps.route", target: "steps.plan_b", branch: 0 }),
      ),
    ).toEqual([
      `-      - {when: "\${steps.plan.output != ''}", then: send}`,
      `+      - {when: "\${steps.plan.output != ''}", then: [send, plan_b]}`,
    ]);
  });

  it("take a removed step out of needs and switches", () => {
    const next = edited({ op: "remove_step", path: "steps.plan_b" });
    expect(readWorkflow(next).data.steps).not.toHaveProperty("plan_b");
    expect(next).toContain("- {else: []}");
    expect(next).toContain("# last");
  });

  it("change nothing when the step is gone", () => {
    expect(edited({ op: "remove_step", path: "steps.nobody" })).toBe(SOURCE);
    expect(edited({ op: "rename_step", path: "steps.plan", id: "send" })).toBe(SOURCE);
  });
});

it("refuses wires that would make a cycle, or leave their loop", () => {
  const loop =
    "steps:\n  a: {transform: 1}\n  l: {loop: {over: '${steps.a.output}'}, do: {i: {transform: 1}}}\n";
  const workflow = readWorkflow(loop);
  expect(canConnect(workflow, "steps.l", "steps.a")).toEqual({ ok: false, reason: "cycle" });
  expect(canConnect(workflow, "steps.a", "steps.l.do.i")).toEqual({
    ok: false,
    reason: "other_block",
  });
  expect(canConnect(workflow, "steps.a", "steps.a")).toEqual({ ok: false, reason: "same_step" });
  expect(canConnect(workflow, "steps.a", "steps.l")).toEqual({ ok: true });
});
