/** Everything the builder can do, as commands: keys, palette and key sheet come from here. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { type Command, useOfferedCommands } from "@/shared/commands/command-store";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { redone, selectHistory, selectWorkflow, undone } from "../editor-slice";
import type { Catalogue } from "../use-catalogue";
import type { EditorActions } from "./editor-actions";
import { WORKFLOW_KEYS } from "./editor-keys";
import { useCanvasKeyCommands } from "./use-canvas-key-commands";
import type { Reshaping } from "./use-reshaping";
import { useSelectionCommands } from "./use-selection-commands";

const MOST_STEPS = 2_000;

interface Given {
  actions: EditorActions;
  catalogue: Catalogue;
  reshaping: Reshaping;
}

export function useEditorCommands(given: Given): void {
  const { actions, catalogue, reshaping } = given;
  useOfferedCommands(useDocumentCommands(actions));
  useOfferedCommands(useSelectionCommands({ actions, reshaping }));
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
      command("propose", actions.propose),
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
      command("logs", actions.logs),
      command("tool_select", () => actions.tool("select")),
      command("tool_hand", () => actions.tool("hand")),
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
