/** The open document: its working copy, how to go back, and what the server has of it. */
import { createSelector, createSlice, type PayloadAction } from "@reduxjs/toolkit";
import type { WorkflowDocument } from "@/api/generated";
import {
  type Change,
  change,
  EMPTY_HISTORY,
  type History,
  redo,
  undo,
} from "@/domain/document/history";
import type { Operation, WorkflowDoc } from "@/domain/document/operations";
import { readWorkflow } from "@/domain/document/workflow";
import { EMPTY_LAYOUT, readLayout } from "@/domain/layout/layout";

export interface EditorState {
  workflow_id: string;
  doc: WorkflowDoc;
  tests: string;
  /** Counts changes; a view that was made from an older one is made again. */
  doc_rev: number;
  history: History;
  base_etag: string;
  /** What the server has. */
  saved: WorkflowDoc;
  /** When it got that, in milliseconds: changes after it are here only. */
  saved_at: number;
  /** Text that is no YAML yet: shown in the code view, not on the canvas, and not saved. */
  draft_code: string | null;
  selection: string[];
  published_version: number | null;
}

export interface Saved {
  doc: WorkflowDoc;
  etag: string;
  /** When it was sent. */
  at: number;
}
/** Mine and theirs in one, on top of what the server has now. */
export type MergedDocument = Pick<EditorState, "doc" | "history" | "saved" | "base_etag">;
export type Recovered = MergedDocument & Pick<EditorState, "draft_code">;

const EMPTY: WorkflowDoc = { source: "", layout: EMPTY_LAYOUT };
const initialState: EditorState = {
  workflow_id: "",
  doc: EMPTY,
  tests: "",
  doc_rev: 0,
  history: EMPTY_HISTORY,
  base_etag: "",
  saved: EMPTY,
  saved_at: 0,
  draft_code: null,
  selection: [],
  published_version: null,
};

export const editorSlice = createSlice({
  name: "editor",
  initialState,
  reducers: {
    documentOpened: (_, { payload }: PayloadAction<WorkflowDocument>): EditorState => {
      const doc = { source: payload.source, layout: readLayout(payload.layout) };
      return {
        ...initialState,
        workflow_id: payload.id,
        doc,
        saved: doc,
        tests: payload.tests,
        base_etag: payload.etag,
        published_version: payload.published_version,
      };
    },
    documentEdited: {
      reducer: (state, { payload }: PayloadAction<{ operations: Operation[]; change: Change }>) => {
        const before = { doc: state.doc, history: state.history };
        const after = change(before, payload.operations, payload.change);
        if (after === before) return state;
        return { ...state, ...after, doc_rev: state.doc_rev + 1, draft_code: null };
      },
      prepare: (operations: Operation[], made: Omit<Change, "at">) => ({
        payload: { operations, change: { ...made, at: Date.now() } },
      }),
    },
    undone: (state) => ({ ...state, ...undo(state), doc_rev: state.doc_rev + 1, draft_code: null }),
    redone: (state) => ({ ...state, ...redo(state), doc_rev: state.doc_rev + 1, draft_code: null }),
    /** Several changes at once: taken back where the number is below zero, made again above. */
    historyMoved: (state, { payload: by }: PayloadAction<number>) => {
      let moved: Pick<EditorState, "doc" | "history"> = state;
      for (let times = Math.abs(by); times > 0; times -= 1)
        moved = by < 0 ? undo(moved) : redo(moved);
      return { ...state, ...moved, doc_rev: state.doc_rev + 1, draft_code: null };
    },
    codeBroken: (state, { payload }: PayloadAction<string>) => ({ ...state, draft_code: payload }),
    codeDiscarded: (state) => ({ ...state, draft_code: null }),
    documentSaved: (state, { payload }: PayloadAction<Saved>) => ({
      ...state,
      saved: payload.doc,
      saved_at: payload.at,
      base_etag: payload.etag,
    }),
    documentMerged: (state, { payload }: PayloadAction<MergedDocument>) => ({
      ...state,
      ...payload,
      doc_rev: state.doc_rev + 1,
    }),
    /** What was kept here goes on from where it was; the server may have gone on too, which saving will see. */
    documentRecovered: (state, { payload }: PayloadAction<Recovered>) => ({
      ...state,
      ...payload,
      saved_at: 0,
      doc_rev: state.doc_rev + 1,
    }),
    documentFollowed: (state, { payload }: PayloadAction<WorkflowDoc>) => ({
      ...state,
      doc: payload,
      doc_rev: state.doc_rev + 1,
    }),
    versionPublished: (state, { payload }: PayloadAction<number>) => ({
      ...state,
      published_version: payload,
    }),
    stepsSelected: (state, { payload }: PayloadAction<string[]>) => ({
      ...state,
      selection: payload,
    }),
  },
  selectors: {
    selectEditor: (state) => state,
    selectDoc: (state) => state.doc,
    selectHistory: (state) => state.history,
    selectDraftCode: (state) => state.draft_code,
    selectIsDirty: (state) =>
      state.doc.source !== state.saved.source || state.doc.layout !== state.saved.layout,
    /** How many changes the server has not yet. */
    selectUnsaved: ({ history, saved_at }) =>
      history.past.filter((entry) => entry.at > saved_at).length,
    selectSelection: createSelector(
      [(state: EditorState) => state.selection],
      (paths) => new Set(paths),
    ),
    selectWorkflow: createSelector([(state: EditorState) => state.doc.source], readWorkflow),
  },
});

export const {
  documentOpened,
  documentEdited,
  undone,
  redone,
  historyMoved,
  codeBroken,
  codeDiscarded,
  documentSaved,
  documentMerged,
  documentRecovered,
  documentFollowed,
  versionPublished,
  stepsSelected,
} = editorSlice.actions;
export const {
  selectEditor,
  selectDoc,
  selectHistory,
  selectDraftCode,
  selectIsDirty,
  selectUnsaved,
  selectSelection,
  selectWorkflow,
} = editorSlice.selectors;
