/** Where the ends of wires are, computed: React Flow would draw every card once to measure them, seen or not. */
import { type NodeHandle, Position } from "@xyflow/react";
import type { Step } from "@/domain/document/workflow";
import { BRANCH_HEIGHT, branchesOf, CARD, CONTAINER_HEAD, type Size } from "@/domain/layout/sizes";

/** As `.handle` of cards.module.css has it. */
const DOT = 11;
/** From the edge of a node to the middle of a dot in its border. */
const EDGE = 1;

export function handlesOfStep(step: Step, { width }: Size): NodeHandle[] {
  const branches = branchesOf(step);
  const middle = EDGE + (step.kind === "loop" ? CONTAINER_HEAD : CARD.height) / 2;
  const into = dot("in", EDGE, middle);
  if (step.kind !== "switch") return [into, dot("out", width - EDGE, middle)];
  return [
    into,
    ...branches.map(({ index }) =>
      dot(`case-${index}`, width - EDGE, EDGE + CARD.height + BRANCH_HEIGHT * (index + 0.5)),
    ),
  ];
}

/** Wires end on a closed group; an open one has none. */
export function handlesOfFrame({ width, height }: Size, isClosed: boolean): NodeHandle[] {
  return isClosed ? [dot("in", 0, height / 2), dot("out", width, height / 2)] : [];
}

function dot(id: string, x: number, y: number): NodeHandle {
  const isIn = id === "in";
  return {
    id,
    type: isIn ? "target" : "source",
    position: isIn ? Position.Left : Position.Right,
    x: x - DOT / 2,
    y: y - DOT / 2,
    width: DOT,
    height: DOT,
  };
}
