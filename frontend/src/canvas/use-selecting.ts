/** Selecting cards and wires: cards belong to the page, wires only to the canvas. */
import type { EdgeChange, NodeMouseHandler, OnNodeDrag } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";
import type { CanvasEvents, Wire } from "./canvas-events";
import type { CanvasNode, WireEdge } from "./graph";

export function useSelecting(
  selection: ReadonlySet<string>,
  given: WireEdge[],
  events: CanvasEvents,
) {
  const [wires, setWires] = useState<ReadonlySet<string>>(new Set());

  const onNodeClick: NodeMouseHandler<CanvasNode> = useCallback(
    (event, node) => {
      setWires(new Set());
      const isAdding = event.shiftKey || event.metaKey || event.ctrlKey;
      if (!isAdding) return events.onSelect([node.id]);
      const next = new Set(selection);
      if (!next.delete(node.id)) next.add(node.id);
      events.onSelect([...next]);
    },
    [selection, events],
  );
  const onNodeDragStart: OnNodeDrag<CanvasNode> = useCallback(
    (_, node) => {
      if (!selection.has(node.id)) events.onSelect([node.id]);
    },
    [selection, events],
  );
  const onNodeDoubleClick: NodeMouseHandler<CanvasNode> = useCallback(
    (_, node) => {
      if (node.type !== "note" && node.type !== "frame") events.onOpen(node.id);
    },
    [events],
  );
  const onPaneClick = useCallback(() => {
    setWires(new Set());
    events.onSelect([]);
  }, [events]);
  const onEdgesChange = useCallback((changes: EdgeChange<WireEdge>[]) => {
    const selects = changes.filter((change) => change.type === "select");
    if (selects.length === 0) return;
    setWires((known) => {
      const next = new Set(known);
      for (const change of selects)
        if (change.selected) next.add(change.id);
        else next.delete(change.id);
      return next;
    });
  }, []);
  const edges = useMemo(
    () => given.map((edge) => (wires.has(edge.id) ? { ...edge, selected: true } : edge)),
    [given, wires],
  );
  const selectedWires: Wire[] = useMemo(
    () =>
      given
        .filter((edge) => wires.has(edge.id))
        .map(({ source, target, data }) => ({ source, target, branch: data?.branch })),
    [given, wires],
  );
  const handlers = {
    onNodeClick,
    onNodeDragStart,
    onNodeDoubleClick,
    onPaneClick,
    onEdgesChange,
  };
  return { edges, selectedWires, handlers };
}
