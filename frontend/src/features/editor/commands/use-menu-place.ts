/** Hears where a menu is wanted: the right button, the menu key, or Shift+F10 on the canvas and in the outline. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import { type Thing, thingAt } from "@/canvas/thing-at";
import type { Command } from "@/shared/commands/command-store";
import { isTyping } from "@/shared/commands/keys";
import { CANVAS_PLACE } from "@/shared/commands/use-command-keys";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { type EditorState, selectSelection, selectWorkflow, stepsSelected } from "../editor-slice";
import type { Wanted } from "../use-canvas-events";
import type { Edits } from "../use-edits";
import type { MenuPlace } from "./context-menu";

const OF_STEPS = [
  ["canvas_add", "connect", "rename", "replace", "switch_off", "pin", "input", "output"],
  ["duplicate", "group", "ungroup", "extract"],
  ["select_after", "select_before", "select_same", "delete"],
];
const OF_CANVAS = [
  ["canvas_add", "note"],
  ["select_all", "tidy", "canvas_fit"],
  ["undo", "redo", "run"],
];
const RIGHT_BUTTON = 2;

interface Given {
  edits: Edits;
  want: (wanted: Wanted) => void;
}

export function useMenuPlace({ edits, want }: Given) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  const [place, setPlace] = useState<MenuPlace>();
  const openAt = useCallback(
    ({ id, wire }: Thing, at: { x: number; y: number }) => {
      const known = selectSelection(store.getState());
      if (id && !known.has(id)) dispatch(stepsSelected([id]));
      if (!id && !wire) dispatch(stepsSelected([]));
      const isBetweenSteps = wire && selectWorkflow(store.getState()).byPath.has(wire.target);
      const own = (name: "insert" | "disconnect", run: () => void): Command => ({
        id: name,
        label: t(`commands.${name}`),
        group: "",
        run,
      });
      setPlace({
        ...at,
        groups: wire ? [] : id ? OF_STEPS : OF_CANVAS,
        own: isBetweenSteps
          ? [
              own("insert", () => {
                const block = wire.source.slice(0, wire.source.lastIndexOf("."));
                want({ block, at: undefined, screen: at, into: wire });
              }),
              own("disconnect", () => edits.disconnect([wire])),
            ]
          : [],
      });
    },
    [store, dispatch, edits, want, t],
  );
  const openByKeys = useCallback(() => {
    const id = [...selectSelection(store.getState())].at(-1);
    const box = (
      document.getElementById(id ?? "") ?? document.activeElement
    )?.getBoundingClientRect();
    openAt(id ? { id } : {}, { x: (box?.left ?? 0) + 24, y: (box?.top ?? 0) + 24 });
  }, [store, openAt]);
  useEffect(() => {
    const onContextMenu = (event: MouseEvent) => {
      const { target } = event;
      if (!(target instanceof Element) || !target.closest(CANVAS_PLACE) || isTyping(target)) return;
      event.preventDefault();
      if (event.button !== RIGHT_BUTTON) openByKeys();
      else openAt(thingOf(target), { x: event.clientX, y: event.clientY });
    };
    document.addEventListener("contextmenu", onContextMenu);
    return () => document.removeEventListener("contextmenu", onContextMenu);
  }, [openAt, openByKeys]);
  return useMemo(
    () => ({ place, open: openByKeys, close: () => setPlace(undefined) }),
    [place, openByKeys],
  );
}

const ROW = "row-";

function thingOf(element: Element): Thing {
  const row = element.closest(`[id^="${ROW}"]`)?.id;
  return row ? { id: row.slice(ROW.length) } : thingAt(element);
}
