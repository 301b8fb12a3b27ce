/** A group carries its steps: while it is dragged, and in what becomes of the document then. */
import type { NodeChange, NodePositionChange } from "@xyflow/react";
import type { Note, Point } from "@/domain/layout/layout";
import type { CanvasNode } from "./graph";

/** Return the changes of the cards that frames take along, but for those that move by themselves. */
export function carriedBy(
  known: readonly CanvasNode[],
  changes: readonly NodeChange<CanvasNode>[],
): NodePositionChange[] {
  // Without a group nothing is looked for: a change comes with every frame of a drag.
  const frames = known.filter((node) => node.type === "frame");
  if (frames.length === 0) return [];
  const moves = changes.filter((change) => change.type === "position");
  const own = new Set(moves.map((change) => change.id));
  return moves.flatMap(({ id, position }) => {
    const frame = frames.find((node) => node.id === id);
    if (!frame || !position) return [];
    const by = between(frame.position, position);
    return known
      .filter((node) => Object.hasOwn(frame.data.frame.members, node.id) && !own.has(node.id))
      .map((node) => ({ id: node.id, type: "position", position: sum(node.position, by) }));
  });
}

/** Return what moves in the document when nodes of the canvas have been moved. */
export function movesOf(
  given: readonly CanvasNode[],
  moved: ReadonlyMap<string, Point>,
): { positions: Record<string, Point>; notes: Note[] } {
  const positions: Record<string, Point> = {};
  const notes: Note[] = [];
  for (const node of given) {
    const at = moved.get(node.id);
    if (!at) continue;
    if (node.type === "note") notes.push({ ...node.data.note, ...rounded(at) });
    else if (node.type === "frame") {
      const by = between(node.position, at);
      for (const [path, place] of Object.entries(node.data.frame.members))
        positions[path] ??= rounded(sum(place, by));
    } else positions[node.id] = rounded(at);
  }
  return { positions, notes };
}

function between(from: Point, to: Point): Point {
  return { x: to.x - from.x, y: to.y - from.y };
}

function sum(one: Point, other: Point): Point {
  return { x: one.x + other.x, y: one.y + other.y };
}

function rounded({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
}
