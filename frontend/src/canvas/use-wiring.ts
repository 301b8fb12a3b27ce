/** Drawing wires: what may be connected, and what follows when one ends on a card, or nowhere. */
import { type Connection, type FinalConnectionState, useReactFlow } from "@xyflow/react";
import { useCallback } from "react";
import { canConnect } from "@/domain/document/connections";
import type { Workflow } from "@/domain/document/workflow";
import type { CanvasEvents } from "./canvas-events";
import { branchOf } from "./graph";
import { targetAt } from "./targets";

export function useWiring(workflow: Workflow, events: CanvasEvents) {
  const { screenToFlowPosition, getNode } = useReactFlow();

  const isValidConnection = useCallback(
    (wire: { source: string; target: string }) => canConnect(workflow, wire.source, wire.target).ok,
    [workflow],
  );

  const onConnect = useCallback(
    ({ source, target, sourceHandle }: Connection) => {
      events.onConnect({ source, target, branch: branchOf(sourceHandle) });
    },
    [events],
  );

  /** A wire that did not end on a handle: on a card it connects, on the canvas it asks for a new step. */
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (state.isValid || !state.fromNode || state.fromHandle?.type !== "source") return;
      const pointer = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!pointer) return;
      const screen = { x: pointer.clientX, y: pointer.clientY };
      const source = state.fromNode.id;
      const branch = branchOf(state.fromHandle.id);
      const card = targetAt(screen);
      if (
        card &&
        card !== source &&
        workflow.byPath.get(card)?.block.id === workflow.byPath.get(source)?.block.id
      ) {
        const wire = { source, target: card, branch };
        if (canConnect(workflow, source, card).ok) events.onConnect(wire);
        else events.onRefused(wire);
        return;
      }
      const block = workflow.byPath.get(source)?.block.id ?? "steps";
      const at = screenToFlowPosition(screen);
      const parent = state.fromNode.parentId ? getNode(state.fromNode.parentId) : undefined;
      const inside = parent ? { x: at.x - parent.position.x, y: at.y - parent.position.y } : at;
      events.onAdd({ block, at: { x: inside.x, y: inside.y - 38 }, screen, source, branch });
    },
    [workflow, events, screenToFlowPosition, getNode],
  );

  return { isValidConnection, onConnect, onConnectEnd };
}
