/** Puts cards into order: in line, with equal room, or all of them anew by ELK. */
import { notifications } from "@mantine/notifications";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import { outermost } from "@/domain/document/clipboard";
import { type Alignment, type Axis, aligned, type Box, distributed } from "@/domain/layout/align";
import { arrange } from "@/domain/layout/arrange";
import type { Point } from "@/domain/layout/layout";
import { tidied, tidiedAt, tidyGraph } from "@/domain/layout/tidy-graph";
import { announce } from "@/shared/ui/announcer";
import { type EditorState, selectDoc, selectSelection, selectWorkflow } from "./editor-slice";
import type { Edits } from "./use-edits";

export function useArranging(edits: Edits) {
  const { t } = useTranslation("editor");
  const store = useStore<{ editor: EditorState }>();
  return useMemo(() => {
    const now = () => {
      const state = store.getState();
      return { workflow: selectWorkflow(state), layout: selectDoc(state).layout };
    };
    /** The selected cards that stand beside the first of them. */
    const chosen = (): Box[] => {
      const { workflow, layout } = now();
      const steps = outermost(workflow, selectSelection(store.getState()));
      const places = arrange(workflow, layout);
      return steps
        .filter((step) => step.block === steps[0]?.block)
        .map((step) => places.get(step.path))
        .filter((place) => place !== undefined);
    };
    const move = (positions: Record<string, Point>, label: string) => {
      if (Object.keys(positions).length === 0) return;
      edits.edit([{ op: "move", positions }], label);
      announce(label);
    };
    const tidyUp = async () => {
      const { workflow, layout } = now();
      const boxes = chosen();
      const isPart = boxes.length > 1;
      const only = new Set(boxes.map((box) => box.path));
      const block = workflow.byPath.get(boxes[0]?.path ?? "")?.block.id ?? "steps";
      const { tidy } = await import("@/workers/tidy");
      const graph = isPart ? tidyGraph(workflow, block, only) : tidyGraph(workflow, "steps");
      try {
        const placed = await tidy(graph);
        // Who edits meanwhile has the last word: places are by path, others stay.
        const corner = {
          x: Math.min(...boxes.map((box) => box.x)),
          y: Math.min(...boxes.map((box) => box.y)),
        };
        move(isPart ? tidiedAt(placed, corner) : tidied(workflow, placed, layout), t("undo.tidy"));
      } catch {
        notifications.show({ color: "yellow", message: t("tidy_failed") });
      }
    };
    return {
      align: (how: Alignment) => move(aligned(chosen(), how), t("undo.align")),
      distribute: (axis: Axis) => move(distributed(chosen(), axis), t("undo.align")),
      tidyUp,
    };
  }, [store, edits, t]);
}
