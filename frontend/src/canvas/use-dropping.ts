/** What is dragged here from the palette becomes a step where it is let go. */
import { type InternalNode, useReactFlow } from "@xyflow/react";
import { type DragEvent, useCallback } from "react";
import type { Workflow } from "@/domain/document/workflow";
import { CARD } from "@/domain/layout/sizes";
import { type CanvasEvents, DRAG_TYPE } from "./canvas-events";
import { targetAt } from "./targets";

export function useDropping(workflow: Workflow, events: CanvasEvents) {
  const { screenToFlowPosition, getInternalNode } = useReactFlow();

  const onDragOver = useCallback((event: DragEvent) => {
    if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  }, []);

  const onDrop = useCallback(
    (event: DragEvent) => {
      const kind = event.dataTransfer.getData(DRAG_TYPE);
      if (!kind) return;
      event.preventDefault();
      const screen = { x: event.clientX, y: event.clientY };
      const at = screenToFlowPosition(screen);
      const container = containerAt(workflow, targetAt(screen));
      const parent: InternalNode | undefined = container ? getInternalNode(container) : undefined;
      const origin = parent?.internals.positionAbsolute ?? { x: 0, y: 0 };
      events.onDropKind(kind, {
        block: container ? `${container}.do` : "steps",
        at: { x: at.x - origin.x - CARD.width / 2, y: at.y - origin.y - CARD.height / 2 },
        screen,
      });
    },
    [workflow, events, screenToFlowPosition, getInternalNode],
  );

  return { onDragOver, onDrop };
}

/** Return the loop that a card is, or that it stands in. */
function containerAt(workflow: Workflow, path: string | undefined): string | undefined {
  let step = path === undefined ? undefined : workflow.byPath.get(path);
  while (step && step.kind !== "loop")
    step = step.parent ? workflow.byPath.get(step.parent) : undefined;
  return step?.path;
}
