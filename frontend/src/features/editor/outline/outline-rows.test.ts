import { expect, it } from "vitest";
import { readWorkflow } from "@/domain/document/workflow";
import { outlineRows } from "./outline-rows";

const workflow = readWorkflow(`steps:
  plan: {agent: research, prompt: x}
  each:
    needs: [plan]
    loop: {over: "\${[1]}"}
    do:
      find: {tool: memory.search}
      say: {llm: default, prompt: "\${steps.find.output}"}
`);
const NONE: ReadonlySet<string> = new Set();

it("puts steps below the loop they are in, with what they get and give", () => {
  const rows = outlineRows(workflow, "", NONE);
  expect(rows.map(({ step, level }) => `${level} ${step.id}`)).toEqual([
    "1 plan",
    "1 each",
    "2 find",
    "2 say",
  ]);
  expect(rows[1]).toMatchObject({ from: ["plan"], hasInside: true });
  expect(rows[2]?.to).toEqual(["say"]);
});

it("hides what is inside closed ones, and finds it all the same", () => {
  const closed = new Set(["steps.each"]);
  expect(outlineRows(workflow, "", closed).map(({ step }) => step.id)).toEqual(["plan", "each"]);
  expect(outlineRows(workflow, "SAY", closed).map(({ step }) => step.id)).toEqual(["each", "say"]);
  expect(outlineRows(workflow, "nothing", closed)).toEqual([]);
});
