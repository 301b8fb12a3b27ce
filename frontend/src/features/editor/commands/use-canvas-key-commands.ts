/** Keys that the canvas obeys itself, for palette, menu and sheet; run from there they act on the selection. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { CANVAS_KEYS } from "@/canvas/canvas-keys";
import { type Command, keysFor } from "@/shared/commands/command-store";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { selectSelection, selectWorkflow, stepsSelected } from "../editor-slice";
import { pressOnCanvas } from "../regions";
import { SELECTION_KEYS } from "./editor-keys";

/** Keys that nobody chooses. */
const FIXED = {
  open: "Enter",
  go_after: "ArrowRight",
  go_before: "ArrowLeft",
  go_next: "ArrowDown",
  go_previous: "ArrowUp",
};
const { canvas_add_too: _same, ...CHOSEN } = CANVAS_KEYS;
/** What needs a step to begin with. */
const OF_STEP: ReadonlySet<string> = new Set(["canvas_move", "open", "canvas_fit_selection"]);

export function useCanvasKeyCommands(): Command[] {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const workflow = useSelector(selectWorkflow);
  const isNothing = useSelector(selectSelection).size === 0;
  return useMemo(() => {
    const chosen = (paths: string[]) => dispatch(stepsSelected(paths));
    const command = (id: string, keys: string, run: () => void): Command => ({
      id,
      label: t(`commands.${id}`),
      group: t("commands.select"),
      keys,
      isForCanvas: true,
      run,
    });
    const needed = isNothing ? t("nothing_selected") : undefined;
    return [
      command("select_all", SELECTION_KEYS.select_all ?? "", () =>
        chosen(workflow.steps.map((step) => step.path)),
      ),
      { ...command("select_none", "Esc", () => chosen([])), reason: needed },
      ...Object.entries({ ...CHOSEN, ...FIXED }).map(([id, keys]) => ({
        ...command(id, keys, () => pressOnCanvas(keysFor(id, keys))),
        reason: OF_STEP.has(id) ? needed : undefined,
      })),
    ];
  }, [t, dispatch, workflow, isNothing]);
}
