/** What can be done with the steps that are selected. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { reachOf, sameKind } from "@/domain/document/reach";
import type { Alignment, Axis } from "@/domain/layout/align";
import type { Command } from "@/shared/commands/command-store";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { groupsWith } from "../beside-steps";
import { selectDoc, selectSelection, selectWorkflow, stepsSelected } from "../editor-slice";
import type { EditorActions } from "./editor-actions";
import { SELECTION_KEYS } from "./editor-keys";
import type { Reshaping } from "./use-reshaping";

const ALIGNMENTS: Alignment[] = ["left", "center", "right", "top", "middle", "bottom"];
const AXES: Axis[] = ["x", "y"];

interface Given {
  actions: EditorActions;
  reshaping: Reshaping;
}

export function useSelectionCommands({ actions, reshaping }: Given): Command[] {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const workflow = useSelector(selectWorkflow);
  const selection = useSelector(selectSelection);
  const { layout } = useSelector(selectDoc);
  return useMemo(() => {
    const { size } = selection;
    const needs = (least: number, most = Number.POSITIVE_INFINITY) =>
      size < least || size > most ? t(least > 1 ? "select_more" : "select_one") : undefined;
    const command = (id: string, run: () => void, more: Partial<Command> = {}): Command => ({
      id,
      label: t(`commands.${id}`),
      group: t("commands.selection"),
      isForCanvas: true,
      keys: SELECTION_KEYS[id] ?? "",
      run,
      ...more,
    });
    const choose = (paths: string[]) => dispatch(stepsSelected(paths));
    const isGrouped = groupsWith(layout, [...selection]).length > 0;
    const grouped = { reason: isGrouped ? undefined : t("no_group") };
    const areOff = reshaping.areOff([...selection]);
    const one = { reason: needs(1, 1) };
    return [
      command("connect", actions.connect, { ...one }),
      command("rename", actions.rename, { ...one }),
      command("replace", reshaping.replace, { ...one }),
      command("switch_off", reshaping.switchOff, {
        reason: needs(1),
        ...(areOff ? { label: t("commands.switch_on") } : {}),
      }),
      command("input", () => actions.data("input"), { ...one }),
      command("output", () => actions.data("output"), { ...one }),
      command("extract", actions.extract, { reason: needs(1) }),
      command("duplicate", actions.duplicate, { reason: needs(1) }),
      command("delete", actions.remove, { reason: needs(1) }),
      command("delete_back", actions.remove, { reason: needs(1) }),
      command("group", actions.group, { reason: needs(2) }),
      command("ungroup", actions.ungroup, { ...grouped }),
      command("select_group", actions.selectGroup, { ...grouped }),
      command("select_note", actions.selectNote, {
        reason: layout.notes.length === 0 ? t("no_notes") : undefined,
      }),
      command("pin", actions.pin, { reason: needs(1) }),
      command("select_after", () => choose(reachOf(workflow, selection, "after")), {
        reason: needs(1),
      }),
      command("select_before", () => choose(reachOf(workflow, selection, "before")), {
        reason: needs(1),
      }),
      command("select_same", () => choose(sameKind(workflow, selection)), { reason: needs(1) }),
      ...ALIGNMENTS.map((how) =>
        command(`align_${how}`, () => actions.align(how), { reason: needs(2) }),
      ),
      ...AXES.map((axis) =>
        command(`distribute_${axis}`, () => actions.distribute(axis), { reason: needs(3) }),
      ),
    ];
  }, [t, dispatch, workflow, layout, selection, actions, reshaping]);
}
