/** What people do on the canvas, as edits of the document. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import type { StepType } from "@/api/generated";
import type { AddRequest, CanvasEvents } from "@/canvas/canvas-events";
import { canConnect } from "@/domain/document/connections";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { announce } from "@/shared/ui/announcer";
import { type EditorState, selectDoc, selectWorkflow, stepsSelected } from "./editor-slice";
import { focusSoon, keepFocus, TAB } from "./regions";
import type { Catalogue } from "./use-catalogue";
import type { Edits } from "./use-edits";

/** Where a step is wanted, or which one is to become another. */
export type Wanted = AddRequest & { replaces?: string };

export function useCanvasEvents(edits: Edits, catalogue: Catalogue) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  const [wanted, setWanted] = useState<Wanted>();
  const events: CanvasEvents = useMemo(
    () => ({
      onSelect: (paths) => dispatch(stepsSelected(paths)),
      onOpen: (path) => {
        dispatch(stepsSelected([path]));
        focusSoon(TAB);
      },
      onMove: (positions, notes) => {
        const moved = [...Object.keys(positions), ...notes.map(({ id }) => id)];
        edits.edit(
          [{ op: "move", positions }, ...notes.map((note) => ({ op: "put_note" as const, note }))],
          t("undo.move", { count: moved.length }),
          { merge_key: `move ${moved.join(" ")}` },
        );
      },
      onConnect: edits.connect,
      onDisconnect: edits.disconnect,
      onRefused: ({ source, target }) => {
        const verdict = canConnect(selectWorkflow(store.getState()), source, target);
        if (!verdict.ok) edits.refuse(verdict.reason);
      },
      onDropKind: (kind, request) => {
        const type = catalogue.byKind.get(kind);
        if (type) edits.add(kind, type.example, request);
      },
      onAdd: setWanted,
      onNote: (note) =>
        edits.edit([{ op: "put_note", note }], t("undo.note"), { merge_key: `note ${note.id}` }),
      onGroup: (group) => edits.edit([{ op: "put_group", group }], t("undo.group")),
      onAnnounce: announce,
    }),
    [dispatch, store, edits, catalogue, t],
  );
  const leave = () => {
    setWanted(undefined);
    keepFocus();
  };
  const choose = (type: StepType) => {
    const path = wanted?.replaces;
    if (path) {
      const doc = selectDoc(store.getState());
      void import("./replace-in").then(({ replaceIn }) => replaceIn({ doc, edits, t }, path, type));
    } else if (wanted) edits.add(type.kind, type.example, wanted);
    leave();
  };
  return { events, wanted, want: setWanted, choose, cancel: leave };
}
