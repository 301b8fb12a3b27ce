/** Ways to run a workflow again after a run of it, and what each asks for. */
import type { JsonValue, Run, StartRunBody } from "@/api/generated";
import { isMap } from "@/domain/expressions/values";

export type RunVersion = Run["version"];

/** The version that a new run would have if not the old one; null when the run has it, or there is none. */
export function newerVersion(run: Run, published: number | null | undefined): number | null {
  if (published === null || published === undefined) return null;
  return run.version === published ? null : published;
}

export function bodyOf(
  run: Run,
  { version = run.version, inputs = run.inputs }: { version?: RunVersion; inputs?: Run["inputs"] },
): StartRunBody {
  return { inputs, version };
}

/** Return the inputs that a text says; undefined when it is no JSON object. */
export function readInputs(text: string): Run["inputs"] | undefined {
  try {
    const found: JsonValue = JSON.parse(text);
    return isMap(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
