/** Writes the journal a moment after each change, and at once when the page may be going. */
import { useEffect } from "react";
import { useSelector, useStore } from "react-redux";
import { type SessionState, selectSession } from "@/api/session-slice";
import { type EditorState, selectEditor } from "../editor-slice";
import { type JournalKey, keepJournal } from "./journal";

const PAUSE_MS = 150;

/** Return under which name the journal of a workflow is kept. */
export function useJournalKey(workflow_id: string): JournalKey {
  const { me } = useSelector(selectSession);
  return { user_id: me?.user.id ?? "", workflow_id };
}

export function useJournal(): void {
  const store = useStore<{ editor: EditorState; session: SessionState }>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let known = selectEditor(store.getState());
    // What they wrote stays theirs, also when the session has ended before it is kept.
    const user_id = selectSession(store.getState()).me?.user.id ?? "";
    const keep = () => {
      clearTimeout(timer);
      timer = undefined;
      void keepJournal({ user_id, workflow_id: known.workflow_id }, known, Date.now());
    };
    const unsubscribe = store.subscribe(() => {
      const now = selectEditor(store.getState());
      // Another document has another page, which keeps its own.
      if (now.workflow_id !== known.workflow_id || isSame(now, known)) return;
      known = now;
      timer ??= setTimeout(keep, PAUSE_MS);
    });
    const flush = () => timer !== undefined && keep();
    addEventListener("pagehide", flush);
    // While the person is asked whether to leave there is time to write it.
    addEventListener("beforeunload", flush);
    document.addEventListener("visibilitychange", flush);
    return () => {
      unsubscribe();
      flush();
      removeEventListener("pagehide", flush);
      removeEventListener("beforeunload", flush);
      document.removeEventListener("visibilitychange", flush);
    };
  }, [store]);
}

function isSame(one: EditorState, other: EditorState): boolean {
  return one.doc === other.doc && one.saved === other.saved && one.draft_code === other.draft_code;
}
