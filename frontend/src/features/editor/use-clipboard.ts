/** Copy, cut and paste through the system's clipboard, as YAML that stands alone in any text. */
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import {
  CLIPBOARD_TYPE,
  type Clip,
  copySteps,
  outermost,
  pasteNotes,
  pasteOperation,
  readClip,
  writtenClip,
} from "@/domain/document/clipboard";
import { NOTE_PREFIX } from "@/domain/layout/layout";
import { isTyping } from "@/shared/commands/keys";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { announce } from "@/shared/ui/announcer";
import {
  type EditorState,
  selectDoc,
  selectSelection,
  selectWorkflow,
  stepsSelected,
} from "./editor-slice";
import type { Edits } from "./use-edits";

const SHIFT = 40;

export function useClipboard(edits: Edits) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  const actions = useMemo(() => {
    const chosen = () => [...selectSelection(store.getState())];
    const copied = () =>
      copySteps(selectWorkflow(store.getState()), selectDoc(store.getState()).layout, chosen());
    const put = (clip: Clip, keepsLinks: boolean) => {
      const workflow = selectWorkflow(store.getState());
      const [at] = outermost(workflow, chosen());
      const block = at?.block.id ?? "steps";
      const into = { block, shift: { x: SHIFT, y: SHIFT }, keepsLinks };
      const notes = pasteNotes(clip, into.shift, () => crypto.randomUUID());
      const steps = clip.fragment ? [pasteOperation(workflow, clip, into)] : [];
      const ids = steps.flatMap((one) => one.ids);
      const label =
        ids.length > 0
          ? t("undo.paste", { count: ids.length })
          : t("undo.paste_notes", { count: notes.length });
      edits.edit([...steps.map((one) => one.operation), ...notes], label);
      dispatch(
        stepsSelected([
          ...ids.map((id) => `${block}.${id}`),
          ...notes.map(({ note }) => NOTE_PREFIX + note.id),
        ]),
      );
      announce(t("told.pasted", { count: ids.length + notes.length }));
    };
    return {
      copied,
      put,
      cut: () => edits.removeSelected(chosen()),
      duplicate: () => {
        const clip = copied();
        if (clip) put(clip, true);
      },
    };
  }, [store, edits, dispatch, t]);
  useClipboardEvents(actions);
  return actions;
}

interface Actions {
  copied: () => Clip | undefined;
  put: (clip: Clip, keepsLinks: boolean) => void;
  cut: () => void;
}

/** The browser's own events need no permission, and come from its menus too. */
function useClipboardEvents({ copied, put, cut }: Actions): void {
  const { t } = useTranslation("editor");
  useEffect(() => {
    let isShifted = false;
    const onKey = (event: KeyboardEvent) => {
      isShifted = event.shiftKey;
    };
    const onCopy = (event: ClipboardEvent) => {
      if (isElsewhere(event) || getSelection()?.toString()) return;
      const clip = copied();
      if (!clip) return;
      event.preventDefault();
      const { text, beside } = writtenClip(clip);
      event.clipboardData?.setData("text/plain", text);
      event.clipboardData?.setData(CLIPBOARD_TYPE, beside);
      const count = Object.keys(clip.positions).length + clip.notes.length;
      announce(t("told.copied", { count }));
      if (event.type === "cut") cut();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isElsewhere(event)) return;
      const data = event.clipboardData;
      const clip = readClip(data?.getData("text/plain") ?? "", data?.getData(CLIPBOARD_TYPE));
      if (!clip) return;
      event.preventDefault();
      put(clip, isShifted);
    };
    addEventListener("keydown", onKey, true);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      removeEventListener("keydown", onKey, true);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, [copied, put, cut, t]);
}

function isElsewhere({ target }: Event): boolean {
  return isTyping(target) || (target instanceof Element && !!target.closest('[role="dialog"]'));
}
