/** Everything the builder can do, as commands: keys, palette and key sheet come from here. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { type Command, useOfferedCommands } from "@/shared/commands/command-store";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import {
  redone,
  selectHistory,
  selectSelection,
  selectWorkflow,
  stepsSelected,
  undone,
} from "../editor-slice";
import type { Catalogue } from "../use-catalogue";
import type { EditorActions } from "./editor-actions";
import { SELECTION_KEYS, WORKFLOW_KEYS } from "./editor-keys";
import { useSelectionCommands } from "./use-selection-commands";

const MOST_STEPS = 2_000;

export function useEditorCommands(actions: EditorActions, catalogue: Catalogue): void {
  useOfferedCommands(useDocumentCommands(actions));
  useOfferedCommands(useSelectionCommands(actions));
  useOfferedCommands(useAddCommands(actions, catalogue));
  useOfferedCommands(useStepCommands(actions));
  useOfferedCommands(useCanvasKeyCommands());
}

function useDocumentCommands(actions: EditorActions): Command[] {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const { past, future } = useSelector(selectHistory);
  const [back, forth] = [past.at(-1)?.label, future[0]?.label];
  return useMemo(() => {
    const group = t("commands.workflow");
    const command = (id: string, run: () => void, more: Partial<Command> = {}): Command => ({
      id,
      label: t(`commands.${id}`),
      group,
      run,
      ...WORKFLOW_KEYS[id],
      ...more,
    });
    return [
      command("run", actions.run),
      command("publish", actions.publish),
      command("versions", actions.versions),
      command("code", actions.toggleCode),
      command("outline", actions.toggleOutline),
      command("undo", () => dispatch(undone()), {
        label: back ? t("undo_what", { label: back }) : t("undo_action"),
        reason: back ? undefined : t("nothing_to_undo"),
      }),
      command("redo", () => dispatch(redone()), {
        label: forth ? t("redo_what", { label: forth }) : t("redo_action"),
        reason: forth ? undefined : t("nothing_to_redo"),
      }),
      command("tidy", actions.tidyUp),
      command("note", actions.addNote),
      command("next_problem", () => actions.toProblem(1)),
      command("previous_problem", () => actions.toProblem(-1)),
      command("next_region", () => actions.toRegion(1)),
      command("previous_region", () => actions.toRegion(-1)),
    ];
  }, [t, dispatch, actions, back, forth]);
}

function useAddCommands(actions: EditorActions, { items }: Catalogue): Command[] {
  const { t } = useTranslation("editor");
  return useMemo(
    () =>
      items.map((type) => ({
        id: `add ${type.kind}`,
        label: t("commands.add", { title: type.title }),
        group: t("commands.add_group"),
        words: [type.kind, ...type.synonyms].join(" "),
        reason: type.available ? undefined : t("not_available"),
        run: () => actions.add(type),
      })),
    [t, actions, items],
  );
}

function useStepCommands(actions: EditorActions): Command[] {
  const { t } = useTranslation("editor");
  const { steps } = useSelector(selectWorkflow);
  return useMemo(
    () =>
      steps.slice(0, MOST_STEPS).map(({ path, id, kind, data }) => ({
        id: `step ${path}`,
        label: typeof data.title === "string" && data.title ? data.title : id,
        group: t("commands.steps"),
        kind: "step" as const,
        words: `${path} ${kind}`,
        run: () => actions.show(path),
      })),
    [t, actions, steps],
  );
}

/** Keys that the canvas obeys itself, for the sheet; run from the palette they act on the selection. */
function useCanvasKeyCommands(): Command[] {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const workflow = useSelector(selectWorkflow);
  const selection = useSelector(selectSelection);
  return useMemo(() => {
    const group = t("commands.select");
    const chosen = (paths: string[]) => dispatch(stepsSelected(paths));
    return [
      {
        id: "select_all",
        label: t("commands.select_all"),
        group,
        keys: SELECTION_KEYS.select_all ?? "",
        isForCanvas: true,
        run: () => chosen(workflow.steps.map((step) => step.path)),
      },
      {
        id: "select_none",
        label: t("commands.select_none"),
        group,
        keys: "Esc",
        isForCanvas: true,
        reason: selection.size === 0 ? t("nothing_selected") : undefined,
        run: () => chosen([]),
      },
    ];
  }, [t, dispatch, workflow, selection]);
}
