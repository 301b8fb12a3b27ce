/** Runs the workflow that people begin with, and opens the run. */
import { useState } from "react";
import { useNavigate } from "react-router";
import {
  type TemplateDocument,
  useLazyGetTemplateQuery,
  useListTemplatesQuery,
  useStartRunMutation,
} from "@/api/generated";
import { isMap, type JsonObject } from "@/domain/expressions/values";
import { useTemplate } from "@/features/templates/use-template";
import { isProblem, type Problem } from "@/shared/lib/problem";

const FIRST = "start-here";

export function useSample() {
  const navigate = useNavigate();
  const { data: templates } = useListTemplatesQuery();
  const [read] = useLazyGetTemplateQuery();
  const { make } = useTemplate();
  const [startRun] = useStartRunMutation();
  const [isStarting, setIsStarting] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const sample = templates?.items.find(({ level }) => level === FIRST);
  const start = async (templateId: string) => {
    const template = await read({ templateId });
    if (!template.data) return template.error;
    const workflowId = await make(template.data);
    // Why it could not be made has been told.
    if (!workflowId) return undefined;
    const run = await startRun({
      workflowId,
      startRunBody: { inputs: defaultsOf(template.data), version: "draft" },
    });
    if (run.data) await navigate(`/runs/${run.data.id}`, { state: { is_first: true } });
    return run.error;
  };
  const run = async () => {
    if (!sample) return;
    setIsStarting(true);
    const error = await start(sample.id);
    setIsStarting(false);
    setProblem(isProblem(error) ? error : undefined);
  };
  return { run, isStarting, problem, isMissing: templates !== undefined && !sample };
}

/** What the sample is asked when nobody says anything. */
function defaultsOf({ inputs }: TemplateDocument): JsonObject {
  const properties = isMap(inputs.properties) ? inputs.properties : {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, one]) =>
      isMap(one) && one.default !== undefined ? [[name, one.default]] : [],
    ),
  );
}
