/** What people changed and the server has not yet: kept in the browser until it is saved. */
import { createStore, del, get, set, type UseStore } from "idb-keyval";
import type { History } from "@/domain/document/history";
import type { WorkflowDoc } from "@/domain/document/operations";
import type { EditorState } from "../editor-slice";

const VERSION = 1;
/** Steps of undo that are kept with it. */
const MOST_STEPS = 50;

export interface Journal {
  version: typeof VERSION;
  /** What the server had when these changes began: with it they can be brought together with others'. */
  base: WorkflowDoc;
  base_etag: string;
  doc: WorkflowDoc;
  draft_code: string | null;
  history: History;
  kept_at: number;
}

/** One entry for each person and workflow: another person in the same browser sees none of it. */
export interface JournalKey {
  user_id: string;
  workflow_id: string;
}

let opened: UseStore | undefined;

/** A browser that keeps nothing, as in some private windows, is no reason to fail. */
async function within<Answer>(
  use: (store: UseStore) => Promise<Answer>,
): Promise<Answer | undefined> {
  if (typeof indexedDB === "undefined") return undefined;
  try {
    opened ??= createStore("flowloom", "journal");
    return await use(opened);
  } catch {
    return undefined;
  }
}

const nameOf = ({ user_id, workflow_id }: JournalKey) => `${user_id}/${workflow_id}`;

/** Return what is in the journal; what another version wrote is not read. */
export async function readJournal(key: JournalKey): Promise<Journal | undefined> {
  const found = await within((store) => get<Journal>(nameOf(key), store));
  return found?.version === VERSION ? found : undefined;
}

/** Keep what is not saved; nothing is kept of what is. */
export async function keepJournal(key: JournalKey, state: EditorState, now: number): Promise<void> {
  const journal = journalOf(state, now);
  await within((store) => (journal ? set(nameOf(key), journal, store) : del(nameOf(key), store)));
}

export async function dropJournal(key: JournalKey): Promise<void> {
  await within((store) => del(nameOf(key), store));
}

/** Return what is worth keeping of the open document. */
export function journalOf(state: EditorState, now: number): Journal | undefined {
  const { doc, saved, base_etag, draft_code, history } = state;
  const isSaved = doc.source === saved.source && doc.layout === saved.layout;
  if (isSaved && draft_code === null) return undefined;
  const past = history.past.slice(-MOST_STEPS);
  return {
    version: VERSION,
    base: saved,
    base_etag,
    doc,
    draft_code,
    history: { past, future: [] },
    kept_at: now,
  };
}
