/** What is being changed stays here until it is let go: positions, and what a box is drawn around. */
import { applyNodeChanges, type NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Point } from "@/domain/layout/layout";
import type { CanvasEvents } from "./canvas-events";
import { carriedBy, movesOf } from "./carrying";
import type { CanvasNode, FrameNode } from "./graph";

export function useCanvasNodes(
  given: CanvasNode[],
  selection: ReadonlySet<string>,
  events: CanvasEvents,
) {
  const [nodes, setNodes] = useState(given);
  const moved = useRef(new Map<string, Point>());
  const boxed = useRef<Set<string>>(undefined);

  useEffect(() => {
    setNodes((known) => merged(known, given, selection));
  }, [given, selection]);

  const flush = useCallback(() => {
    if (moved.current.size === 0) return;
    const found = moved.current;
    moved.current = new Map();
    const { positions, notes } = movesOf(given, found);
    events.onMove(positions, notes);
  }, [events, given]);

  const onNodesChange = useCallback((changes: NodeChange<CanvasNode>[]) => {
    const box = boxed.current;
    for (const change of changes) {
      if (change.type === "position" && change.position)
        moved.current.set(change.id, change.position);
      if (change.type === "select") box?.[change.selected ? "add" : "delete"](change.id);
    }
    // The document decides what exists; what is selected the page, but while a box is being drawn.
    const own = changes.filter((change) => box || change.type !== "select");
    if (own.length > 0)
      setNodes((known) => applyNodeChanges([...own, ...carriedBy(known, own)], known));
  }, []);

  const onSelectionStart = useCallback(() => {
    boxed.current = new Set(selection);
  }, [selection]);
  const onSelectionEnd = useCallback(() => {
    // A frame is around what was meant; closed, it is what was meant.
    const found = given.filter(
      ({ id, type, data }) =>
        boxed.current?.has(id) && (type !== "frame" || (data as FrameNode["data"]).frame.isClosed),
    );
    boxed.current = undefined;
    events.onSelect(found.map((node) => node.id));
  }, [events, given]);

  return { nodes, flush, handlers: { onNodesChange, onSelectionStart, onSelectionEnd } };
}

const placeOf = ({ type, parentId, position, width, height, handles }: CanvasNode) =>
  JSON.stringify([type, parentId, position, width, height, handles]);

/** Keep the objects of nodes that did not change, so that React Flow draws only those that did. */
function merged(
  known: CanvasNode[],
  given: CanvasNode[],
  selection: ReadonlySet<string>,
): CanvasNode[] {
  const before = new Map(known.map((node) => [node.id, node]));
  return given.map((node) => {
    const old = before.get(node.id);
    const selected = selection.has(node.id);
    const isSame =
      old?.data === node.data && !!old.selected === selected && placeOf(old) === placeOf(node);
    return isSame ? old : ({ ...old, ...node, selected } as CanvasNode);
  });
}
