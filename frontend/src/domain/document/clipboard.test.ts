/** Copies of steps keep comments, get ids of their own and refer to each other. */
import { describe, expect, it } from "vitest";
import { EMPTY_LAYOUT } from "../layout/layout";
import { copySteps, pasteNotes, pasteOperation, readClip, writtenClip } from "./clipboard";
import { applyOperations } from "./operations";
import { readWorkflow } from "./workflow";

const SOURCE = `steps:
  plan: # why
    agent: research
    prompt: |
      About \${inputs.topic}

      and more
  write:
    llm: default
    prompt: "\${steps.plan.output}"
    needs: [plan, outside]
  outside: {transform: 1}
`;
const workflow = readWorkflow(SOURCE);
const doc = { source: SOURCE, layout: EMPTY_LAYOUT };

function pasted(into = workflow, target = doc, more = {}) {
  const clip = copySteps(workflow, EMPTY_LAYOUT, ["steps.plan", "steps.write"]);
  if (!clip) throw new Error("nothing was copied");
  const made = pasteOperation(into, clip, { block: "steps", shift: { x: 40, y: 40 }, ...more });
  return { ...made, doc: applyOperations(target, [made.operation]) };
}

describe("the clipboard", () => {
  it("holds a YAML text that can be read anywhere, comments and block texts included", () => {
    const clip = copySteps(workflow, EMPTY_LAYOUT, ["steps.plan"]);
    expect(clip?.fragment).toBe(
      "steps:\n  plan: # why\n    agent: research\n    prompt: |\n      About ${inputs.topic}\n\n      and more\n",
    );
  });

  it("gives copies ids of their own, and copies refer to copies", () => {
    const { doc: after, ids } = pasted();
    expect(ids).toEqual(["plan_2", "write_2"]);
    expect(after.source).toBe(`${SOURCE}  plan_2: # why
    agent: research
    prompt: |
      About \${inputs.topic}

      and more
  write_2:
    llm: default
    prompt: "\${steps.plan_2.output}"
    needs: [plan_2]
`);
  });

  it("keeps links to steps outside when asked to", () => {
    const { doc: after } = pasted(workflow, doc, { keepsLinks: true });
    expect(after.source).toContain("needs: [plan_2, outside]");
  });

  it("keeps the ids in a workflow where they are free, and moves the places along", () => {
    const other = "steps: {}\n";
    const { doc: after } = pasted(readWorkflow(other), { source: other, layout: EMPTY_LAYOUT });
    expect(readWorkflow(after.source).steps.map((step) => step.id)).toEqual(["plan", "write"]);
    const start = copySteps(workflow, EMPTY_LAYOUT, ["steps.plan"])?.positions.plan;
    expect(after.layout.nodes["steps.plan"]?.x).toBe((start?.x ?? 0) + 40);
  });

  it("takes whole documents and bare steps, and nothing else", () => {
    expect(readClip("apiVersion: flowloom/v1\nsteps: {a: {transform: 1}}")?.fragment).toContain(
      "a:",
    );
    expect(readClip("a:\n  transform: 1\n")?.fragment).toBe("steps:\n  a:\n    transform: 1\n");
    for (const text of ["hello", "a: 1", "steps: {}", "- x", "", "a: {b: 1}"]) {
      expect(readClip(text)).toBeUndefined();
    }
    expect(readClip("a: {transform: 1}", "not json")?.positions).toEqual({});
  });

  it("holds notes beside steps, and alone as their words", () => {
    const note = { id: "n", x: 8, y: 0, width: 200, height: 90, text: "a: {transform: 1}" };
    const layout = { ...EMPTY_LAYOUT, notes: [{ ...note, colour: "blue" as const }] };
    const both = copySteps(workflow, layout, ["steps.plan", "note:n"]);
    expect(both?.notes).toHaveLength(1);
    const alone = copySteps(workflow, layout, ["note:n"]);
    if (!alone) throw new Error("nothing was copied");
    const { text, beside } = writtenClip(alone);
    expect(text).toBe("a: {transform: 1}");
    expect(readClip(text, beside)).toEqual(alone);
    const [pasted] = pasteNotes(alone, { x: 40, y: 40 }, () => "fresh");
    expect(pasted?.note).toMatchObject({ id: "fresh", x: 48, y: 40, colour: "blue" });
  });
});
