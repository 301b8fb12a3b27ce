import { expect, it } from "vitest";
import { applyOperations } from "../document/operations";
import { readWorkflow } from "../document/workflow";
import { EMPTY_LAYOUT } from "../layout/layout";
import { localProblems } from "./local-problems";
import { quickFix } from "./quick-fix";

/** Mend the first problem that can be. */
function mended(source: string): string {
  const workflow = readWorkflow(source);
  for (const problem of localProblems(source)) {
    const operations = quickFix(workflow, problem);
    if (operations) return applyOperations({ source, layout: EMPTY_LAYOUT }, operations).source;
  }
  return source;
}

const AROUND = (steps: string, head = "") =>
  `apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: w}\n${head}steps:\n${steps}`;

it.each([
  [
    "a step that is meant",
    '  facts: {agent: qa, prompt: x}\n  brief: {agent: qa, prompt: "${steps.fact.output}"}\n',
    "${steps.facts.output}",
  ],
  [
    "a field that is meant",
    '  facts: {agent: qa, prompt: x}\n  brief: {agent: qa, prompt: "${steps.facts.outptu}"}\n',
    "${steps.facts.output}",
  ],
  ["a function that is meant", "  facts: {transform: \"${lowr('A')}\"}\n", "${lower('A')}"],
  [
    "a step of a need",
    "  facts: {agent: qa, prompt: x}\n  brief: {agent: qa, prompt: x, needs: [fact]}\n",
    "needs: [facts]",
  ],
  [
    "an id that is a word",
    "  size: {transform: 1}\n  true: {transform: 1}\n",
    "true_step: {transform: 1}",
  ],
])("writes %s", (_, steps, wanted) => {
  const source = AROUND(steps);
  const next = mended(source);
  expect(next).toContain(wanted);
  expect(localProblems(next)).toEqual([]);
});

it("declares an input and a secret, whatever is declared already", () => {
  const input = '  facts: {agent: qa, prompt: "${inputs.topic}"}\n';
  const first = mended(AROUND(input));
  expect(first).toContain("topic");
  expect(localProblems(first)).toEqual([]);
  const second = mended(
    AROUND(input, "inputs: {type: object, properties: {other: {type: integer}}}\n"),
  );
  expect(second).toContain("properties: {other: {type: integer}, topic: {type: string}}");
  const secret = AROUND(
    '  send: {tool: x, with: {key: "${secrets.token}"}}\n',
    "secrets: [crm_key_of_sales]\n",
  );
  expect(mended(secret)).toContain("secrets: [crm_key_of_sales, token]");
});

it("offers nothing where the hint names no remedy", () => {
  const source = AROUND("  a: {needs: [b], transform: 1}\n  b: {needs: [a], transform: 1}\n");
  expect(mended(source)).toBe(source);
});
