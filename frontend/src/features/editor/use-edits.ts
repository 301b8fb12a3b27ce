/** Edits of the open document as people make them: each is one step of undo with a name. */
import { notifications } from "@mantine/notifications";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import type { AddRequest, Wire } from "@/canvas/canvas-events";
import { canConnect, type Refusal } from "@/domain/document/connections";
import type { Origin } from "@/domain/document/history";
import type { Operation } from "@/domain/document/operations";
import { freeId } from "@/domain/document/workflow";
import type { JsonObject } from "@/domain/expressions/values";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { announce } from "@/shared/ui/announcer";
import { besideSteps } from "./beside-steps";
import {
  documentEdited,
  type EditorState,
  selectDoc,
  selectSelection,
  selectWorkflow,
  stepsSelected,
} from "./editor-slice";
import { cut, fresh, nameFor, placeFor, predecessor, refers, takes, wiresFor } from "./new-steps";

export type Edits = ReturnType<typeof useEdits>;

export function useEdits() {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  return useMemo(() => {
    const workflow = () => selectWorkflow(store.getState());
    const edit = (
      operations: Operation[],
      label: string,
      more: { origin?: Origin; merge_key?: string } = {},
    ) => {
      const selection = [...selectSelection(store.getState())];
      dispatch(documentEdited(operations, { label, origin: "canvas", selection, ...more }));
      if (more.origin !== "inspector") announce(label);
    };
    const refuse = (reason: Refusal, paths: string[] = []) =>
      notifications.show({
        color: "yellow",
        title: t("refused.title"),
        message: t(`refused.${reason}`, { paths: paths.join(", ") }),
      });

    const connect = (wire: Wire) => {
      const verdict = canConnect(workflow(), wire.source, wire.target);
      if (verdict.ok) edit([{ op: "connect", ...wire }], t("undo.connect"));
      else refuse(verdict.reason);
    };
    const disconnect = (wires: Wire[]) => {
      const operations: Operation[] = [];
      for (const { source, target } of wires) {
        const found = cut(workflow(), source, target);
        if (found.length > 0) refuse("by_reference", found);
        else operations.push({ op: "disconnect", source, target });
      }
      if (operations.length > 0) edit(operations, t("undo.disconnect"));
    };
    const add = (kind: string, example: JsonObject, request: AddRequest) => {
      const current = workflow();
      const id = freeId(current, nameFor(kind, example));
      const path = `${request.block}.${id}`;
      const prior = predecessor(current, request);
      const giver = takes(kind, prior) ? prior : undefined;
      const step = fresh(kind, example, current, giver);
      const at = placeFor(request, current, selectDoc(store.getState()).layout);
      const refersTo = giver && refers(step, giver.id) ? giver.path : undefined;
      const operations: Operation[] = [
        {
          op: "add_step",
          block: request.block,
          id,
          step,
          ...(prior ? { after: prior.id } : {}),
          ...(at ? { at } : {}),
        },
        ...wiresFor(request, path, refersTo),
      ];
      edit(operations, t("undo.add", { id }));
      dispatch(stepsSelected([path]));
      return path;
    };
    const remove = (paths: Iterable<string>) => {
      const found = [...paths].filter((path) => workflow().byPath.has(path));
      const outermost = found.filter(
        (path) => !found.some((other) => path.startsWith(`${other}.`)),
      );
      if (outermost.length === 0) return;
      edit(
        outermost.map((path) => ({ op: "remove_step", path })),
        t("undo.remove", { count: outermost.length }),
      );
      dispatch(stepsSelected([]));
    };
    const rename = (path: string, id: string) => {
      const block = path.slice(0, path.lastIndexOf("."));
      edit([{ op: "rename_step", path, id }], t("undo.rename", { id }), { origin: "inspector" });
      dispatch(stepsSelected([`${block}.${id}`]));
    };
    return {
      edit,
      connect,
      disconnect,
      add,
      remove,
      ...besideSteps({
        edit,
        remove,
        workflow,
        layout: () => selectDoc(store.getState()).layout,
        t,
      }),
      rename,
      refuse,
    };
  }, [dispatch, store, t]);
}
