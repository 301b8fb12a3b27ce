/** Where the workflow is edited, and its document as another tab edits it. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useStore } from "react-redux";
import { type SessionState, selectSession } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { documentFollowed, type EditorState, selectDoc, selectEditor } from "../editor-slice";
import { EditingPlace, type Place } from "./editing-place";
import { keepJournal } from "./journal";

export interface Editing {
  place: Place;
  takeOver: () => void;
  /** Follow the other tab from now on. */
  follow: () => void;
}

export function useEditingPlace(workflow_id: string): Editing {
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState; session: SessionState }>();
  const [place, setPlace] = useState<Place>("asking");
  const tab = useRef<EditingPlace>(undefined);
  useEffect(() => {
    const made = new EditingPlace(workflow_id, {
      onPlace: setPlace,
      onDocument: (doc) => {
        if (selectEditor(store.getState()).workflow_id === workflow_id)
          dispatch(documentFollowed(doc));
      },
      // The tab that goes on reads it from there.
      onLeave: () => {
        const user_id = selectSession(store.getState()).me?.user.id ?? "";
        const state = selectEditor(store.getState());
        return keepJournal({ user_id, workflow_id }, state, Date.now());
      },
      document: () => selectDoc(store.getState()),
    });
    tab.current = made;
    let known = selectDoc(store.getState());
    const unsubscribe = store.subscribe(() => {
      const { doc, workflow_id: open } = selectEditor(store.getState());
      if (doc === known || open !== workflow_id) return;
      known = doc;
      made.tell(doc);
    });
    return () => {
      unsubscribe();
      made.close();
      setPlace("asking");
    };
  }, [workflow_id, store, dispatch]);
  const takeOver = useCallback(() => tab.current?.takeOver(), []);
  const follow = useCallback(() => tab.current?.ask(), []);
  return { place, takeOver, follow };
}
