/** Two people, one document: nothing of either is lost, and only what both changed differently is asked about. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anyOperation, random } from "@/testing/random-operations";
import { change, type Edited, EMPTY_HISTORY, undo } from "../document/history";
import { applyOperations, type Operation, type WorkflowDoc } from "../document/operations";
import { readWorkflow } from "../document/workflow";
import { EMPTY_LAYOUT } from "../layout/layout";
import { isSameDocument, mergeDocuments } from "./merge-documents";
import { rebaseHistory } from "./rebase-history";

const SOURCE = `# a brief
apiVersion: flowloom/v1
steps:
  # what is known
  plan: # first
    agent: research
    prompt: About
    timeout: 1m
  send: {http: {url: "https://x.example"}, needs: [plan]} # last
outputs: {brief: "\${steps.plan.output}"}
`;
const BASE: WorkflowDoc = { source: SOURCE, layout: EMPTY_LAYOUT };
const NOTE = {
  id: "n",
  x: 0,
  y: 0,
  width: 200,
  height: 90,
  text: "old",
  colour: "yellow" as const,
};

const changed = (...operations: Operation[]) => applyOperations(BASE, operations);
const prompt = (value: string): Operation => ({
  op: "set_field",
  path: "steps.plan.prompt",
  value,
});

describe("what only one side changed", () => {
  it("is taken from each, line by line, with the comments of both", () => {
    const mine = changed(prompt("Mine"), {
      op: "set_source",
      source: SOURCE.replace("# a brief", "# my brief").replace("About", "Mine"),
    });
    const theirs = { ...BASE, source: SOURCE.replace("# last", "# the last one") };
    const { doc, conflicts } = mergeDocuments({ base: BASE, mine, theirs });
    expect(conflicts).toEqual([]);
    expect(doc.source).toBe(
      SOURCE.replace("# a brief", "# my brief")
        .replace("About", "Mine")
        .replace("# last", "# the last one"),
    );
  });

  it("is taken field by field where both changed the same lines", () => {
    const mine = changed(prompt("Mine"));
    const theirs = changed({ op: "set_field", path: "steps.plan.timeout", value: "5m" });
    const flow = changed({
      op: "set_field",
      path: "steps.send.http.url",
      value: "https://y.example",
    });
    const wire = changed({ op: "disconnect", source: "steps.plan", target: "steps.send" });
    const one = mergeDocuments({ base: BASE, mine, theirs });
    expect(one.conflicts).toEqual([]);
    expect(one.doc.source).toBe(SOURCE.replace("About", "Mine").replace("1m", `"5m"`));
    const other = mergeDocuments({ base: BASE, mine: flow, theirs: wire });
    expect(other.conflicts).toEqual([]);
    expect(other.doc.source).toContain("https://y.example");
    expect(readWorkflow(other.doc.source).byPath.get("steps.send")?.data.needs).toBeUndefined();
    expect(other.doc.source).toContain("# last");
  });

  it("may be two steps put in at the same place, each as it was written", () => {
    const fragment = "steps:\n  mine: # why\n    agent: qa\n    prompt: x\n";
    const mine = changed({ op: "insert_steps", block: "steps", fragment });
    const step = { transform: "${1}" };
    const theirs = changed({ op: "add_step", block: "steps", id: "theirs", step });
    const { doc, conflicts } = mergeDocuments({ base: BASE, mine, theirs });
    expect(conflicts).toEqual([]);
    const ids = Object.keys(readWorkflow(doc.source).data.steps as object);
    expect(ids.toSorted()).toEqual(["mine", "plan", "send", "theirs"]);
    expect(doc.source).toContain("mine: # why");
    expect(doc.source).toContain("# what is known");
  });

  it("may be the name of a step for one and what it does for the other", () => {
    const mine = changed({ op: "rename_step", path: "steps.plan", id: "outline" });
    const theirs = changed(prompt("Theirs"));
    for (const sides of [
      { base: BASE, mine, theirs },
      { base: BASE, mine: theirs, theirs: mine },
    ]) {
      const { doc, conflicts } = mergeDocuments(sides);
      expect(conflicts).toEqual([]);
      expect(doc.source).toBe(mine.source.replace("About", "Theirs"));
    }
  });

  it("may be wires into the same step", () => {
    const more: Operation[] = ["a", "b", "join"].map((id) => ({
      op: "add_step",
      block: "steps",
      id,
      step: { transform: "${1}" },
    }));
    const base = changed(...more);
    const wired = (source: string) =>
      applyOperations(base, [{ op: "connect", source: `steps.${source}`, target: "steps.join" }]);
    const { doc, conflicts } = mergeDocuments({ base, mine: wired("a"), theirs: wired("b") });
    expect(conflicts).toEqual([]);
    expect(readWorkflow(doc.source).byPath.get("steps.join")?.data.needs).toEqual(["b", "a"]);
  });
});

describe("what both changed", () => {
  const sides = { base: BASE, mine: changed(prompt("Mine")), theirs: changed(prompt("Theirs")) };

  it("is named with what each side has, and theirs stays until somebody chooses", () => {
    const { doc, conflicts } = mergeDocuments(sides);
    expect(conflicts).toEqual([
      { path: "steps.plan.prompt", base: "About", mine: "Mine", theirs: "Theirs" },
    ]);
    expect(doc.source).toBe(SOURCE.replace("About", "Theirs"));
  });

  it("is as it was chosen", () => {
    const choices = new Map([["steps.plan.prompt", "mine" as const]]);
    expect(mergeDocuments(sides, choices).doc.source).toBe(SOURCE.replace("About", "Mine"));
  });

  it("is a step that one removed and the other went on with", () => {
    const theirs = changed({ op: "remove_step", path: "steps.plan" });
    const { conflicts } = mergeDocuments({ ...sides, theirs });
    expect(conflicts.map(({ path }) => path)).toEqual(["steps.plan"]);
    const choices = new Map([["steps.plan", "mine" as const]]);
    const { doc } = mergeDocuments({ ...sides, theirs }, choices);
    expect(readWorkflow(doc.source).byPath.get("steps.plan")?.data.prompt).toBe("Mine");
  });

  it("is the whole text when one of them cannot be read", () => {
    const theirs = { ...BASE, source: "steps: [" };
    const { doc, conflicts } = mergeDocuments({ ...sides, theirs });
    expect(conflicts.map(({ path }) => path)).toEqual([""]);
    expect(doc.source).toBe("steps: [");
  });
});

describe("what is beside the text", () => {
  it("is merged by name: places silently, words of a note by asking, members of groups as sets", () => {
    const group = { id: "g", title: "Group", members: ["steps.plan"], colour: "grey" as const };
    const base = changed({ op: "put_note", note: NOTE }, { op: "put_group", group });
    const edit = (text: string, member: string, x: number) =>
      applyOperations(base, [
        { op: "put_note", note: { ...NOTE, text, x } },
        { op: "put_group", group: { ...group, members: [...group.members, member] } },
        { op: "move", positions: { "steps.plan": { x, y: 0 } } },
      ]);
    const sides = { base, mine: edit("mine", "steps.a", 8), theirs: edit("theirs", "steps.b", 16) };
    const { doc, conflicts } = mergeDocuments(sides);
    expect(conflicts.map(({ path }) => path)).toEqual(["layout.notes.n.text"]);
    expect(doc.layout.nodes["steps.plan"]).toEqual({ x: 8, y: 0 });
    expect(doc.layout.groups[0]?.members).toEqual(["steps.plan", "steps.b", "steps.a"]);
    const removed = applyOperations(base, [{ op: "remove_note", id: "n" }]);
    expect(mergeDocuments({ base, mine: removed, theirs: base }).doc.layout.notes).toEqual([]);
    const kept = mergeDocuments({ base, mine: removed, theirs: sides.theirs }).doc.layout.notes;
    expect(kept.map(({ text }) => text)).toEqual(["theirs"]);
  });
});

const EXAMPLE = readFileSync(
  new URL("../../../../packages/language/tests/whole_language.yaml", import.meta.url),
  "utf8",
);

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("random edits of two people (seed %i)", (seed) => {
  const next = random(seed);
  const start: WorkflowDoc = { source: EXAMPLE, layout: EMPTY_LAYOUT };
  const edited = (count: number): Edited => {
    let made: Edited = { doc: start, history: EMPTY_HISTORY };
    for (let turn = 0; turn < count; turn += 1) {
      const operation = anyOperation(readWorkflow(made.doc.source), next);
      made = change(made, [operation], { label: operation.op, origin: "canvas", at: turn * 9_999 });
    }
    return made;
  };

  it("give a document that can be read, and all of what one of them did alone", () => {
    const [mine, theirs] = [edited(6), edited(6).doc];
    const sides = { base: start, mine: mine.doc, theirs };
    const { doc } = mergeDocuments(sides);
    expect(readWorkflow(doc.source).tree.errors).toEqual([]);
    expect(mergeDocuments({ ...sides, theirs: start }).doc.source).toBe(mine.doc.source);
    expect(mergeDocuments({ ...sides, mine: start }).doc.source).toBe(theirs.source);
    expect(isSameDocument(mergeDocuments({ ...sides, theirs: mine.doc }).doc, mine.doc)).toBe(true);
  });

  it("leave an undo that takes back one's own and nobody else's", () => {
    const mine = edited(4);
    const theirs = { ...start, source: `${start.source}\n# somebody else was here\n` };
    const { doc } = mergeDocuments({ base: start, mine: mine.doc, theirs });
    let back: Edited = { doc, history: rebaseHistory(mine.history, mine.doc, doc) };
    expect(back.history.past).toHaveLength(mine.history.past.length);
    for (const _ of mine.history.past) back = undo(back);
    expect(back.doc).toEqual(theirs);
  });
});
