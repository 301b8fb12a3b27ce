/** What stands on the canvas: cards, notes and frames of groups, without what a closed group hides. */
import { useMemo } from "react";
import type { Workflow } from "@/domain/document/workflow";
import { arrange } from "@/domain/layout/arrange";
import type { Layout } from "@/domain/layout/layout";
import type { CardState } from "@/domain/runs/step-states";
import { type Frame, framesOf, standIns } from "./frames";
import { type CanvasNode, frameNodes, nodesOf, noteNodes } from "./graph";

interface Given {
  workflow: Workflow;
  layout: Layout;
  states: ReadonlyMap<string, CardState>;
  closed: ReadonlySet<string>;
}

const NO_FRAMES: Frame[] = [];

export function useGraph({ workflow, layout, states, closed }: Given): {
  given: CanvasNode[];
  /** Which frame stands for each hidden step. */
  standing: ReadonlyMap<string, string>;
} {
  const places = useMemo(() => arrange(workflow, layout), [workflow, layout]);
  const frames = useMemo(
    // Without groups it stays the same one, whatever a run says.
    () =>
      layout.groups.length === 0
        ? NO_FRAMES
        : framesOf({ workflow, layout, places, states, closed }),
    [workflow, layout, places, states, closed],
  );
  const standing = useMemo(() => standIns(frames, places), [frames, places]);
  const given = useMemo(() => {
    const steps = nodesOf(places, workflow).filter((node) => !standing.has(node.id));
    return [...frameNodes(frames), ...noteNodes(layout), ...steps];
  }, [places, frames, standing, layout, workflow]);
  return { given, standing };
}
