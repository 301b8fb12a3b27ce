/** Properties of the document, with random operations on every example: nothing is lost, everything comes back. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { anyOperation, pick, random, TEXTS } from "@/testing/random-operations";
import { EMPTY_LAYOUT } from "../layout/layout";
import { change, type Edited, EMPTY_HISTORY, redo, undo } from "./history";
import { applyOperations, type Operation } from "./operations";
import { toData } from "./source-tree";
import { readWorkflow } from "./workflow";

const folder = new URL("../../../../examples/workflows/", import.meta.url);
const examples = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml") && !name.endsWith(".tests.yaml"))
  .map((name): [string, string] => [name, readFileSync(new URL(name, folder), "utf8")]);
const whole = readFileSync(
  new URL("../../../../packages/language/tests/whole_language.yaml", import.meta.url),
  "utf8",
);
const documents: [string, string][] = [...examples, ["whole_language.yaml", whole]];

function comments(source: string): string[] {
  return source.split("\n").filter((line) => /^\s*#/.test(line));
}

describe.each(documents)("%s", (_, source) => {
  it("reads as the reference reader reads it", () => {
    const { tree } = readWorkflow(source);
    expect(tree.root && toData(tree.root)).toEqual(parse(source));
  });

  it("stays byte for byte when a field is set to what it is", () => {
    const workflow = readWorkflow(source);
    for (const step of workflow.steps) {
      const same = applyOperations({ source, layout: EMPTY_LAYOUT }, [
        { op: "rename_step", path: step.path, id: step.id },
      ]);
      expect(same.source).toBe(source);
    }
  });

  it("is the same after a rename and its reverse", () => {
    const workflow = readWorkflow(source);
    for (const step of workflow.steps.filter((one) => one.block.kind !== "undo")) {
      const there: Operation = { op: "rename_step", path: step.path, id: "renamed_step" };
      const back: Operation = {
        op: "rename_step",
        path: `${step.block.id}.renamed_step`,
        id: step.id,
      };
      const doc = { source, layout: EMPTY_LAYOUT };
      const renamed = applyOperations(doc, [there]);
      expect(renamed.source).not.toBe(source);
      expect(readWorkflow(renamed.source).edges.length).toBe(workflow.edges.length);
      expect(applyOperations(renamed, [back]).source).toBe(source);
    }
  });

  it.each([1, 2, 3])("comes back from 50 random edits by 50 undos (seed %i)", (seed) => {
    const next = random(seed);
    const start: Edited = { doc: { source, layout: EMPTY_LAYOUT }, history: EMPTY_HISTORY };
    let edited = start;
    const states = [start.doc];
    for (let turn = 0; turn < 50; turn += 1) {
      const workflow = readWorkflow(edited.doc.source);
      if (workflow.steps.length === 0) break;
      const operation = anyOperation(workflow, next);
      const after = change(edited, [operation], {
        label: operation.op,
        origin: "canvas",
        at: turn,
      });
      const { tree } = readWorkflow(after.doc.source);
      expect({
        operation,
        errors: tree.errors.map((error) => error.message),
        before: tree.errors.length > 0 ? edited.doc.source : "",
      }).toEqual({ operation, errors: [], before: "" });
      if (after !== edited) states.push(after.doc);
      edited = after;
    }
    expect(states.length).toBeGreaterThan(5);
    const end = edited.doc;
    for (const expected of states.toReversed().slice(1)) {
      edited = undo(edited);
      expect(edited.doc).toEqual(expected);
    }
    expect(edited.doc).toEqual(start.doc);
    for (const _ of states.slice(1)) edited = redo(edited);
    expect(edited.doc).toEqual(end);
  });

  it.each([11, 12, 13])("says after an edit what the edit said (seed %i)", (seed) => {
    const next = random(seed);
    for (let turn = 0; turn < 40; turn += 1) {
      const workflow = readWorkflow(source);
      const step = pick(workflow.steps, next);
      const field = pick(["title", "description", "with.a", "transform", "http.body.x"], next);
      const value = pick([...TEXTS, [1, "two\nthree"], { a: { b: "c" } }], next);
      const path = `${step.path}.${field}`;
      if (field !== "title" && field !== "description" && field in step.data) continue;
      const after = applyOperations({ source, layout: EMPTY_LAYOUT }, [
        { op: "set_field", path, value },
      ]);
      let found: unknown = parse(after.source);
      for (const part of path.split("."))
        found = (found as Record<string, unknown> | undefined)?.[part];
      expect({ path, found, source: after.source }).toEqual({
        path,
        found: value,
        source: after.source,
      });
      expect(comments(after.source)).toEqual(comments(source));
    }
  });
});
