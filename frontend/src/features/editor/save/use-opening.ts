/** Opens a workflow: as the server has it, and with what this browser kept that the server has not. */
import { useEffect, useRef, useState } from "react";
import { useStore } from "react-redux";
import { api } from "@/api/api";
import type { WorkflowDocument } from "@/api/generated";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { documentOpened, documentRecovered, type EditorState, selectEditor } from "../editor-slice";
import { dropJournal, type Journal, type JournalKey, readJournal } from "./journal";
import type { Editing } from "./use-editing-place";
import { useJournalKey } from "./use-journal";

export interface Opening {
  isOpen: boolean;
  error: unknown;
  retry: () => void;
  /** Changes of an earlier time that somebody has to decide about. */
  journal: Journal | undefined;
  onDecided: () => void;
}

export function useOpening(id: string, { place, follow }: Editing): Opening {
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  const { user_id } = useJournalKey(id);
  const [opened, setOpened] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [journal, setJournal] = useState<Journal>();
  const [tries, setTries] = useState(0);
  const followed = useRef<string>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is one more run
  useEffect(() => {
    if (place === "asking") return;
    let isStale = false;
    const here = `${place} ${id}`;
    const key = { user_id, workflow_id: id };
    const isKnown = selectEditor(store.getState()).workflow_id === id;
    const isTakenOver = place === "here" && followed.current === id;
    const show = (found: WorkflowDocument, kept: Journal | undefined) => {
      dispatch(documentOpened(found));
      if (kept && isTakenOver) dispatch(documentRecovered(recovered(kept)));
      setJournal(isTakenOver ? undefined : kept);
      followed.current = place === "elsewhere" ? id : undefined;
      setOpened(here);
      if (place === "elsewhere") follow();
    };
    const open = async () => {
      // What is being edited is not replaced by what a later reading brings.
      if (isKnown && place === "here" && !isTakenOver) return setOpened(here);
      const found = await dispatch(
        api.endpoints.getWorkflow.initiate({ workflowId: id }, { forceRefetch: true }),
      );
      const kept = found.data && place === "here" ? await unsaved(key, found.data) : undefined;
      if (isStale) return;
      setError(found.error);
      if (found.data) show(found.data, kept);
    };
    void open();
    return () => {
      isStale = true;
    };
  }, [id, place, user_id, tries, dispatch, store, follow]);

  return {
    isOpen: opened === `${place} ${id}`,
    error,
    retry: () => setTries(tries + 1),
    journal,
    onDecided: () => setJournal(undefined),
  };
}

/** Return the state from which a journal goes on; if the server has gone on too, saving brings both together. */
export function recovered({ doc, history, base, base_etag, draft_code }: Journal) {
  return { doc, history, saved: base, base_etag, draft_code };
}

/** Return the journal unless the server has all of it: its answer may have been lost. */
async function unsaved(key: JournalKey, found: WorkflowDocument): Promise<Journal | undefined> {
  const journal = await readJournal(key);
  if (!journal || journal.draft_code !== null) return journal;
  const { isNothingNew } = await import("./merging");
  if (!isNothingNew(journal, found)) return journal;
  await dropJournal(key);
  return undefined;
}
