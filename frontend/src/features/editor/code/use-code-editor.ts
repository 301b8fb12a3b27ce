/** A CodeMirror editor that follows the document and sends what is typed as edits. */
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import type { DocumentProblem } from "@/api/generated";
import { indexOf } from "@/domain/document/positions";
import { readSource } from "@/domain/document/source-tree";
import { smallestEdit } from "@/domain/document/text-edits";
import { mergeLines } from "@/domain/merge/merge-lines";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import {
  codeBroken,
  documentEdited,
  type EditorState as Editor,
  selectDoc,
  selectWorkflow,
  stepsSelected,
} from "../editor-slice";
import { codeExtensions, fromOutside } from "./code-extensions";
import { stepAt } from "./step-at";

const PAUSE_MS = 250;

export function useCodeEditor(text: string, problems: DocumentProblem[]) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const first = useRef(text);
  const send = useSending();
  const { t } = useTranslation("editor");
  const label = t("code");

  useEffect(() => {
    if (!host.current) return;
    const extensions = [
      codeExtensions(send),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    ];
    const state = EditorState.create({ doc: first.current, extensions });
    const made = new EditorView({ state, parent: host.current });
    view.current = made;
    return () => made.destroy();
  }, [send, label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || send.isPending()) return;
    send.synced();
    const edit = smallestEdit(editor.state.doc.toString(), text);
    if (!edit) return;
    editor.dispatch({
      changes: { from: edit.start, to: edit.end, insert: edit.text },
      annotations: fromOutside.of(true),
    });
  }, [text, send]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const source = editor.state.doc.toString();
    const found = problems.map((problem) => diagnosticOf(source, problem));
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems]);

  return host;
}

function diagnosticOf(source: string, problem: DocumentProblem) {
  const from = Math.min(source.length, indexOf(source, problem.line, problem.column));
  const to = Math.min(
    source.length,
    Math.max(from, indexOf(source, problem.end_line, problem.end_column)),
  );
  const message = problem.hint ? `${problem.message}\n${problem.hint}` : problem.message;
  return {
    from,
    to,
    severity: problem.severity === "warning" ? ("warning" as const) : ("error" as const),
    message,
  };
}

export interface Sending {
  typed: (text: string) => void;
  moved: (text: string, position: number) => void;
  isPending: () => boolean;
  /** The editor shows what the document says. */
  synced: () => void;
}

/** Send text after a pause: as an edit when it can be read, else only as what stands in the code view. */
function useSending(): Sending {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: Editor }>();
  const sending = useRef<Sending>(undefined);
  if (!sending.current) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const source = () => selectDoc(store.getState()).source;
    let base = source();
    sending.current = {
      isPending: () => timer !== undefined,
      synced: () => {
        base = source();
      },
      typed: (text) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          timer = undefined;
          if (readSource(text).errors.length > 0) dispatch(codeBroken(text));
          else {
            // What came from elsewhere while this was typed stays.
            const written = mergeLines(base, text, source(), "mine");
            dispatch(
              documentEdited([{ op: "set_source", source: written }], {
                label: t("undo.code"),
                origin: "yaml",
                merge_key: "code",
              }),
            );
            base = source();
          }
        }, PAUSE_MS);
      },
      moved: (text, position) => {
        const workflow = selectWorkflow(store.getState());
        const path = workflow.tree.source === text ? stepAt(workflow, position) : undefined;
        if (path) dispatch(stepsSelected([path]));
      },
    };
  }
  return sending.current;
}
