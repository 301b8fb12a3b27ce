/** Saves the open document a moment after each change; one request at a time, never over somebody else's work. */
import { notifications } from "@mantine/notifications";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector, useStore } from "react-redux";
import { api } from "@/api/api";
import { useReplaceWorkflowMutation, type WorkflowDocument } from "@/api/generated";
import { type SessionState, selectSession } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isAway, isProblem, type Problem } from "@/shared/lib/problem";
import {
  documentMerged,
  documentSaved,
  type EditorState,
  selectEditor,
  selectIsDirty,
} from "../editor-slice";
import { useSavingInTime } from "./use-saving-in-time";

/** Saving again after a merge meets yet another change only when many save at once. */
const MOST_MERGES = 5;
/** The status that says so. */
const CHANGED = 412;

export type SaveState =
  | { status: "saved" | "dirty" | "saving" }
  | { status: "offline" | "refused"; problem: Problem }
  /** What somebody else saved, which changes the same as we did. */
  | { status: "conflict"; problem: Problem; theirs: WorkflowDocument };

type Failed = Extract<SaveState, { problem: Problem }>;

export function useAutosave(): { state: SaveState; save: () => Promise<boolean> } {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState; session: SessionState }>();
  const isDirty = useSelector(selectIsDirty);
  const { doc_rev } = useSelector(selectEditor);
  const [replace] = useReplaceWorkflowMutation();
  const [failed, setFailed] = useState<Failed>();
  const failures = useRef(0);
  const running = useRef<Promise<boolean>>(undefined);
  const [isSaving, setIsSaving] = useState(false);

  /** Put theirs and ours together; what both changed is left to the person. */
  const merge = useCallback(
    async (problem: Problem): Promise<Failed | undefined> => {
      const { workflow_id } = selectEditor(store.getState());
      const [found, { mergedWith }] = await Promise.all([
        dispatch(
          api.endpoints.getWorkflow.initiate({ workflowId: workflow_id }, { forceRefetch: true }),
        ),
        import("./merging"),
      ]);
      if (selectEditor(store.getState()).workflow_id !== workflow_id) return undefined;
      if (!found.data)
        return isProblem(found.error) ? failureOf(found.error) : { status: "refused", problem };
      const { merged, conflicts } = mergedWith(selectEditor(store.getState()), found.data);
      if (conflicts.length > 0) return { status: "conflict", problem, theirs: found.data };
      dispatch(documentMerged(merged));
      notifications.show({ message: t("conflict.merged") });
      return undefined;
    },
    [dispatch, store, t],
  );

  /** Send the document once; nothing is answered when there is nothing more to be done. */
  const send = useCallback(async (): Promise<Problem | undefined> => {
    const { doc, saved, tests, workflow_id, base_etag } = selectEditor(store.getState());
    if (doc.source === saved.source && doc.layout === saved.layout) return undefined;
    // Who wrote this has left: it waits in their journal, and is never saved in somebody else's name.
    if (!selectSession(store.getState()).me) return undefined;
    const at = Date.now();
    const answer = await replace({
      workflowId: workflow_id,
      "if-match": base_etag,
      saveWorkflow: { source: doc.source, layout: JSON.parse(JSON.stringify(doc.layout)), tests },
    });
    // Another workflow was opened meanwhile: what is open now is none of this answer's.
    if (selectEditor(store.getState()).workflow_id !== workflow_id) return undefined;
    if (answer.data) dispatch(documentSaved({ doc, etag: answer.data.etag, at }));
    return isProblem(answer.error) ? answer.error : undefined;
  }, [dispatch, replace, store]);

  const put = useCallback(async (): Promise<Failed | undefined> => {
    for (let tries = 0; ; tries += 1) {
      const problem = await send();
      if (!problem) return undefined;
      if (problem.status !== CHANGED || tries >= MOST_MERGES) return failureOf(problem);
      const failure = await merge(problem);
      if (failure) return failure;
    }
  }, [send, merge]);

  const save = useCallback(async () => {
    await running.current;
    running.current = (async () => {
      setIsSaving(true);
      const failure = await put();
      failures.current = failure ? failures.current + 1 : 0;
      setFailed(failure);
      setIsSaving(false);
      return failure === undefined;
    })();
    return running.current;
  }, [put]);

  useSavingInTime({
    save,
    isDirty,
    revision: doc_rev,
    isBlocked: failed?.status === "conflict",
    failures: failed ? failures.current : 0,
  });
  if (failed && isDirty && !isSaving) return { state: failed, save };
  return { state: { status: isSaving ? "saving" : isDirty ? "dirty" : "saved" }, save };
}

function failureOf(problem: Problem): Failed {
  return { status: isAway(problem) ? "offline" : "refused", problem };
}
