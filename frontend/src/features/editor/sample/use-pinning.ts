/** Pins what steps made in the last run, or releases what is pinned, without opening them. */
import { notifications } from "@mantine/notifications";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import { api } from "@/api/api";
import type { Operation } from "@/domain/document/operations";
import type { JsonValue } from "@/domain/expressions/values";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { type EditorState, selectDoc, selectEditor } from "../editor-slice";
import type { Edits } from "../use-edits";
import { runPathOf } from "./pins";

export function usePinning(edits: Edits): (paths: string[]) => Promise<void> {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const store = useStore<{ editor: EditorState }>();
  return useCallback(
    async (paths) => {
      const { pins } = selectDoc(store.getState()).layout;
      const pinned = paths.filter((path) => Object.hasOwn(pins, path));
      const label = (key: "pin" | "unpin", found: string[]) =>
        t(`undo.${key}`, {
          id: found.map((path) => path.slice(path.lastIndexOf(".") + 1)).join(", "),
        });
      if (pinned.length > 0) {
        edits.edit(
          pinned.map((path) => ({ op: "unpin", path })),
          label("unpin", pinned),
        );
        return;
      }
      const outputs = await lastOutputs(dispatch, selectEditor(store.getState()).workflow_id);
      const operations = paths.flatMap((path): Operation[] => {
        const value = outputs.get(runPathOf(path) ?? "");
        return value === undefined ? [] : [{ op: "pin", path, value }];
      });
      if (operations.length > 0) edits.edit(operations, label("pin", paths));
      else notifications.show({ color: "yellow", message: t("data.nothing_to_pin") });
    },
    [dispatch, store, edits, t],
  );
}

/** What the steps of the newest run made, as far as it was sent along. */
async function lastOutputs(
  dispatch: ReturnType<typeof useAppDispatch>,
  workflowId: string,
): Promise<Map<string, JsonValue>> {
  const latest = api.endpoints.listRuns.initiate({ workflowId, limit: 1 }, { forceRefetch: true });
  const runId = (await dispatch(latest)).data?.items[0]?.id;
  if (!runId) return new Map();
  const record = await dispatch(api.endpoints.exportRunRecord.initiate({ runId }));
  return new Map(
    (record.data?.steps ?? []).flatMap(({ path, output, output_ref, status }) =>
      status === "succeeded" && !output_ref ? [[path, output as JsonValue] as const] : [],
    ),
  );
}
