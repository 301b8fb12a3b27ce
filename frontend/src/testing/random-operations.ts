/** Operations by chance, the same in every run: what properties of the document are tried with. */
import type { Operation } from "@/domain/document/operations";
import { freeId, type Workflow } from "@/domain/document/workflow";

/** A small generator of numbers, the same in every run (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function pick<Item>(items: readonly Item[], next: (below: number) => number): Item {
  const found = items[next(items.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}

export const TEXTS = [
  "plain",
  "two words",
  'it\'s: "odd" # not a comment',
  "two\nlines\n",
  " lead",
  "yes",
  "1",
  "",
  "ü🙂\u2028x",
];

/** Return one of the things that can be done to a workflow. */
export function anyOperation(workflow: Workflow, next: (below: number) => number): Operation {
  const step = pick(workflow.steps, next);
  const other = pick(workflow.steps, next);
  const block = pick(
    workflow.blocks.filter((one) => one.kind !== "undo"),
    next,
  );
  const value = pick(
    [...TEXTS, 7, true, null, ["a", { b: [1, 2] }], { deep: { er: "x".repeat(90), y: TEXTS } }],
    next,
  );
  const choices: Operation[] = [
    {
      op: "add_step",
      block: block.id,
      id: freeId(workflow, "fresh"),
      step: { transform: value },
      at: { x: 1, y: 2 },
    },
    { op: "remove_step", path: step.path },
    { op: "rename_step", path: step.path, id: freeId(workflow, "renamed") },
    {
      op: "set_field",
      path: `${step.path}.${pick(["title", "prompt", "retry.max", "with.a.b", "transform"], next)}`,
      value,
    },
    {
      op: "remove_field",
      path: `${step.path}.${pick(["title", "needs", "retry", "output"], next)}`,
    },
    { op: "connect", source: step.path, target: other.path },
    { op: "disconnect", source: step.path, target: other.path },
    { op: "move", positions: { [step.path]: { x: next(500), y: next(500) } } },
  ];
  return pick(choices, next);
}
