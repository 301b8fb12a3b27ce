/** Groups on the canvas: where their frames are, what they carry, and what is seen of the wires of a closed one. */
import { describe, expect, it } from "vitest";
import { readWorkflow } from "@/domain/document/workflow";
import { arrange } from "@/domain/layout/arrange";
import { EMPTY_LAYOUT, type Layout } from "@/domain/layout/layout";
import type { CardState } from "@/domain/runs/step-states";
import { carriedBy, movesOf } from "./carrying";
import { foldedWires, framesOf, standIns } from "./frames";
import { type CanvasNode, frameNodes, nodesOf, noteNodes, wiresOf } from "./graph";

const workflow = readWorkflow(`steps:
  a: {transform: "\${1}"}
  b: {transform: "\${steps.a.output}"}
  each:
    needs: [b]
    loop: {over: "\${[1]}"}
    do: {inner: {transform: 1}}
  last: {transform: "\${steps.each.output}"}
`);
const note = { id: "n", x: 0, y: 0, width: 200, height: 90, text: "", colour: "grey" as const };
const layout: Layout = {
  ...EMPTY_LAYOUT,
  nodes: { "steps.b": { x: 400, y: 80 }, "steps.each": { x: 800, y: 160 } },
  notes: [note],
  groups: [
    {
      id: "g",
      title: "Both",
      members: ["steps.b", "steps.each", "steps.each.do.inner", "steps.gone"],
      colour: "grey",
    },
    { id: "none", title: "Nobody", members: ["steps.gone"], colour: "grey" },
  ],
};
const places = arrange(workflow, layout);
const NO_STATES = new Map<string, CardState>();

function framed(closed: string[], states = NO_STATES) {
  const frames = framesOf({ workflow, layout, places, states, closed: new Set(closed) });
  return { frames, standing: standIns(frames, places) };
}

describe("a group", () => {
  it("is a frame around its outermost steps; one without steps is not drawn", () => {
    const { frames } = framed([]);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ x: 376, y: 24, isClosed: false });
    expect(Object.keys(frames[0]?.members ?? {})).toEqual(["steps.b", "steps.each"]);
  });

  it("carries its steps while it is dragged, but not those that are dragged themselves", () => {
    const { frames } = framed([]);
    const nodes: CanvasNode[] = [
      ...frameNodes(frames),
      ...noteNodes(layout),
      ...nodesOf(places, workflow),
    ];
    const move = (id: string, x: number, y: number) => ({
      id,
      type: "position" as const,
      position: { x, y },
    });
    const changes = [move("group:g", 386, 24), move("steps.b", 1, 1)];
    expect(carriedBy(nodes, changes)).toEqual([move("steps.each", 810, 160)]);
    const moved = new Map([
      ["group:g", { x: 386, y: 24 }],
      ["steps.b", { x: 1, y: 1 }],
      ["note:n", { x: 8, y: 8 }],
    ]);
    expect(movesOf(nodes, moved)).toEqual({
      positions: { "steps.b": { x: 1, y: 1 }, "steps.each": { x: 810, y: 160 } },
      notes: [{ ...note, x: 8, y: 8 }],
    });
  });

  it("stands for its steps when it is closed, and their wires end on it", () => {
    const { standing } = framed(["g"]);
    expect([...standing.keys()]).toEqual(["steps.b", "steps.each", "steps.each.do.inner"]);
    const wires = foldedWires(wiresOf(workflow, NO_STATES), standing);
    expect(wires.map(({ source, target }) => `${source} ${target}`)).toEqual([
      "steps.a group:g",
      "group:g steps.last",
    ]);
    const open = wiresOf(workflow, NO_STATES);
    expect(foldedWires(open, framed([]).standing)).toBe(open);
  });

  it("says how its steps are: the most urgent state, with the sums of time and cost", () => {
    const state = (status: CardState["status"], more: Partial<CardState>): CardState => ({
      status,
      focus: "b",
      executions: ["x"],
      done: 1,
      attempt: 1,
      tokens: 10,
      usd: 0.5,
      started_at: "2026-03-07T10:00:00Z",
      finished_at: "2026-03-07T10:00:02Z",
      ...more,
    });
    const states = new Map([
      ["steps.b", state("succeeded", {})],
      ["steps.each.do.inner", state("failed", { finished_at: "2026-03-07T10:00:09Z" })],
      ["steps.last", state("running", { finished_at: null })],
    ]);
    expect(framed(["g"], states).frames[0]?.state).toMatchObject({
      status: "failed",
      tokens: 20,
      usd: 1,
      finished_at: "2026-03-07T10:00:09Z",
      executions: ["x", "x"],
    });
  });
});
