/** What a person changes for a fork, as text, and the request that it means. */
import type { ForkBody, Run } from "@/api/generated";
import type { Step } from "@/domain/document/workflow";
import { isMap, type JsonValue } from "@/domain/expressions/values";

export interface ForkDraft {
  from_step: string;
  inputs: string;
  prompt: string;
  model: string;
  /** The result that the step is given instead of being carried out; empty: it is carried out. */
  output: string;
}

export function draftOf(fromStep: string, run: Run, step: Step | undefined): ForkDraft {
  return {
    from_step: fromStep,
    inputs: JSON.stringify(run.inputs, null, 2),
    prompt: promptOf(step),
    model: "",
    output: "",
  };
}

/** The prompt as it is written in the document; empty for steps that have none. */
export function promptOf(step: Step | undefined): string {
  return typeof step?.data.prompt === "string" ? step.data.prompt : "";
}

/** Return the request, or undefined when the inputs are no JSON object. */
export function bodyOf(draft: ForkDraft, run: Run, step: Step | undefined): ForkBody | undefined {
  const inputs = read(draft.inputs);
  if (!isMap(inputs)) return undefined;
  const hasInputs = JSON.stringify(inputs) !== JSON.stringify(run.inputs);
  const override = {
    ...(draft.prompt !== promptOf(step) && { prompt: draft.prompt }),
    ...(draft.model && { model: draft.model }),
    ...(draft.output && { output: read(draft.output) ?? draft.output }),
  };
  return {
    from_step: draft.from_step,
    ...(hasInputs && { inputs }),
    ...(Object.keys(override).length > 0 && { overrides: { [draft.from_step]: override } }),
  };
}

/** Return what a text says as JSON; undefined when it is none. */
function read(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
