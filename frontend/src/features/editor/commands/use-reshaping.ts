/** Steps are switched off and on, and given another kind. */
import { notifications } from "@mantine/notifications";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import { isOff, skippedWith, switchOperation } from "@/domain/document/switching-off";
import { type EditorState, selectSelection, selectWorkflow } from "../editor-slice";
import type { Wanted } from "../use-canvas-events";
import type { Edits } from "../use-edits";

export type Reshaping = ReturnType<typeof useReshaping>;

export function useReshaping(edits: Edits, want: (wanted: Wanted) => void) {
  const { t } = useTranslation("editor");
  const store = useStore<{ editor: EditorState }>();
  return useMemo(() => {
    const workflow = () => selectWorkflow(store.getState());
    const stepsOf = (paths: Iterable<string>) =>
      [...paths].flatMap((path) => workflow().byPath.get(path) ?? []);
    const chosen = () => stepsOf(selectSelection(store.getState()));
    const areOff = (paths: string[]) => {
      const steps = stepsOf(paths);
      return steps.length > 0 && steps.every((step) => isOff(step.data));
    };
    const switchOff = () => {
      const steps = chosen().filter((step) => step.block.kind !== "undo");
      const paths = steps.map((step) => step.path);
      const off = !areOff(paths);
      const operations = steps.flatMap((step) => switchOperation(step, off) ?? []);
      if (operations.length === 0) return;
      const ids = steps.map((step) => step.id).join(", ");
      edits.edit(operations, t(off ? "undo.off" : "undo.on", { ids }));
      const skipped = off ? skippedWith(workflow(), paths) : [];
      if (skipped.length > 0)
        notifications.show({
          message: t("told.skipped", { ids, count: skipped.length, skipped: skipped.join(", ") }),
        });
    };
    /** The kinds are offered where the step stands. */
    const replace = () => {
      const [step] = chosen();
      if (!step) return;
      const box = document.getElementById(step.path)?.getBoundingClientRect();
      const screen = { x: box?.left ?? innerWidth / 3, y: box?.bottom ?? innerHeight / 4 };
      want({ block: step.block.id, at: undefined, screen, replaces: step.path });
    };
    return { areOff, switchOff, replace };
  }, [store, edits, want, t]);
}
