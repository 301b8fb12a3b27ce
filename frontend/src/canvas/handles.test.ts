/** Ends of wires are where the browser draws them; these places were read off the drawn cards. */
import { expect, it } from "vitest";
import { readWorkflow } from "@/domain/document/workflow";
import { arrange } from "@/domain/layout/arrange";
import { EMPTY_LAYOUT } from "@/domain/layout/layout";
import { nodesOf } from "./graph";
import { handlesOfFrame } from "./handles";

const workflow = readWorkflow(`steps:
  a: {transform: 1}
  s: {needs: [a], switch: [{when: "\${true}", then: b}, {else: a}]}
  b: {transform: 1}
  each: {loop: {over: "\${[1]}"}, do: {inner: {transform: 1}}}
`);
const nodes = nodesOf(arrange(workflow, EMPTY_LAYOUT), workflow);

function ends(path: string) {
  const node = nodes.find(({ id }) => id === path);
  return node?.handles?.map(({ id, x, y }) => [id, x, y]);
}

it("are in the middle of a step's head", () => {
  expect(ends("steps.a")).toEqual([
    ["in", -4.5, 33.5],
    ["out", 241.5, 33.5],
  ]);
});

it("are beside the branches of a switch", () => {
  expect(ends("steps.s")).toEqual([
    ["in", -4.5, 33.5],
    ["case-0", 241.5, 84.5],
    ["case-1", 241.5, 110.5],
  ]);
});

it("are in the head of what holds other steps", () => {
  const width = nodes.find(({ id }) => id === "steps.each")?.width ?? 0;
  expect(ends("steps.each")).toEqual([
    ["in", -4.5, 21.5],
    ["out", width - 6.5, 21.5],
  ]);
});

it("are on a group only while it is closed", () => {
  const size = { width: 248, height: 108 };
  expect(handlesOfFrame(size, false)).toEqual([]);
  expect(handlesOfFrame(size, true).map(({ x, y }) => [x, y])).toEqual([
    [-5.5, 48.5],
    [242.5, 48.5],
  ]);
});
