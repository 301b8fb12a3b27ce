/** The builder's actions put together: each is one step of undo, and told to those who cannot see it. */
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import type { DocumentProblem } from "@/api/generated";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import type { EditorActions } from "./commands/editor-actions";
import { type EditorState, selectSelection, selectWorkflow, stepsSelected } from "./editor-slice";
import { focusCanvas, focusRegion, focusSoon, focusStepName, TAB } from "./regions";
import { usePinning } from "./sample/use-pinning";
import { useArranging } from "./use-arranging";
import { useClipboard } from "./use-clipboard";
import type { Edits } from "./use-edits";
import { stepOfProblem } from "./use-problems";
import type { SetViews } from "./use-views";

interface Given {
  edits: Edits;
  problems: DocumentProblem[];
  set: SetViews;
}

export function useActions({ edits, problems, set }: Given): EditorActions {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  const clipboard = useClipboard(edits);
  const arranging = useArranging(edits);
  const pin = usePinning(edits);
  const at = useRef(-1);
  return useMemo(() => {
    const chosen = () => [...selectSelection(store.getState())];
    const workflow = () => selectWorkflow(store.getState());
    const select = (ids: string[]) => ids.length > 0 && dispatch(stepsSelected(ids));
    const show = (path: string) => {
      dispatch(stepsSelected([path]));
      focusCanvas();
    };
    return {
      ...arranging,
      run: () => set.panel("run"),
      publish: () => set.panel("publish"),
      versions: () => set.panel("versions"),
      connect: () => set.panel("connect"),
      propose: () => set.panel("propose"),
      extract: () => set.panel("extract"),
      toggleCode: () => set.view("code"),
      toggleOutline: () => set.view("outline"),
      logs: () => set.bottom("logs"),
      tool: set.tool,
      data: (tab) => {
        set.tab(tab);
        focusSoon(`${TAB}[data-tab="${tab}"]`);
      },
      duplicate: clipboard.duplicate,
      show,
      add: (type) => {
        const [only] = chosen();
        const step = only ? selectWorkflow(store.getState()).byPath.get(only) : undefined;
        const source = step && step.block.kind !== "undo" ? step.path : undefined;
        edits.add(type.kind, type.example, {
          block: step?.block.id ?? "steps",
          at: undefined,
          screen: { x: 0, y: 0 },
          source,
        });
        focusCanvas();
      },
      remove: () => {
        edits.removeSelected(chosen());
        focusCanvas();
      },
      rename: () => focusStepName(),
      group: () => select(edits.group(chosen(), t("groups.new"))),
      ungroup: () => edits.ungroup(chosen()),
      selectGroup: () => select(edits.groupsOf(chosen())),
      selectNote: () => select(edits.noteAfter(chosen())),
      pin: () => void pin(chosen().filter((path) => workflow().byPath.has(path))),
      addNote: () => select(edits.addNote()),
      toProblem: (by) => {
        if (problems.length === 0) return;
        at.current = (at.current + by + problems.length) % problems.length;
        const problem = problems[at.current];
        const path = problem && stepOfProblem(selectWorkflow(store.getState()), problem.path);
        if (path) show(path);
      },
      toRegion: focusRegion,
    };
  }, [arranging, clipboard, pin, dispatch, store, edits, problems, set, t]);
}
