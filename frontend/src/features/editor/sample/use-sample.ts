/** Real data to try expressions and steps with: what the workflow's last run was given and has made, under its pins. */
import { useMemo } from "react";
import { useSelector } from "react-redux";
import { type Run, type StepRun, useExportRunRecordQuery, useListRunsQuery } from "@/api/generated";
import type { JsonObject, JsonValue } from "@/domain/expressions/values";
import { selectDoc, selectEditor } from "../editor-slice";
import { pinsForRun } from "./pins";

export interface Sample {
  /** Nothing while the workflow has never run. */
  run: Run | undefined;
  /** By their paths in the run. */
  steps: ReadonlyMap<string, StepRun>;
  scope: JsonObject;
}

export function useSample(): Sample {
  const { workflow_id } = useSelector(selectEditor);
  const { layout } = useSelector(selectDoc);
  const last = useListRunsQuery(
    { workflowId: workflow_id, limit: 1 },
    { skip: !workflow_id, refetchOnMountOrArgChange: true },
  ).data?.items[0];
  const { data: record } = useExportRunRecordQuery({ runId: last?.id ?? "" }, { skip: !last });
  const pins = useMemo(() => pinsForRun(layout.pins), [layout.pins]);
  return useMemo(() => {
    const found = record?.steps ?? [];
    const known: Record<string, JsonValue> = {};
    for (const { path, output, status, output_ref } of found) {
      if (!/[.[]/.test(path) && !output_ref) known[path] = { output, status };
    }
    for (const [path, output] of Object.entries(pins))
      known[path] = { output, status: "succeeded" };
    return {
      run: record?.run,
      steps: new Map(found.map((step) => [step.path, step])),
      scope: { inputs: record?.run.inputs ?? {}, steps: known, run: { id: record?.run.id ?? "" } },
    };
  }, [record, pins]);
}
