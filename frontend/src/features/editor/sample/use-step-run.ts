/** Runs one step, or everything from it on, with what the last run did before it. */
import { useSelector, useStore } from "react-redux";
import { useNavigate } from "react-router";
import { useStartRunMutation } from "@/api/generated";
import { type EditorState, selectDoc, selectEditor } from "../editor-slice";
import { pinsForRun } from "./pins";
import type { Sample } from "./use-sample";

export function useStepRun({ run }: Sample, onSave: () => Promise<boolean>) {
  const navigate = useNavigate();
  const store = useStore<{ editor: EditorState }>();
  const { workflow_id } = useSelector(selectEditor);
  const [startRun, { error, isLoading }] = useStartRunMutation();
  const start = async (step: string, how: "only" | "from") => {
    if (!run || !(await onSave())) return;
    const { [step]: _own, ...pins } = pinsForRun(selectDoc(store.getState()).layout.pins);
    const made = await startRun({
      workflowId: workflow_id,
      startRunBody: {
        inputs: run.inputs,
        version: "draft",
        from: { run_id: run.id, step },
        until_step: how === "only" ? step : null,
        pins,
      },
    });
    if (made.data) await navigate(`/runs/${made.data.id}?step=steps.${step}`);
  };
  return { start, isStarting: isLoading, error };
}
