/** What a step was given: its fields as written, with the values of the run put in where they are known here. */
import type { Step } from "../document/workflow";
import { ExpressionError } from "../expressions/errors";
import { render } from "../expressions/templates";
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import type { RunView } from "./run-view";

/** Fields that hold other steps, not values. */
const INNER: ReadonlySet<string> = new Set(["do", "on_error", "undo", "needs", "title"]);

/** Return the fields of a step; what cannot be computed here (items of loops, large values) stays as it is written. */
export function stepInput(step: Step, run: RunView, inputs: JsonObject): JsonObject {
  const outputs = Object.values(run.steps)
    .filter((one) => !one.output_ref && !/[.[]/.test(one.path))
    .map((one) => [one.path, { output: one.output as JsonValue, status: one.status }] as const);
  const scope = { inputs, steps: Object.fromEntries(outputs), run: { id: run.id } };
  return filledFields(step, scope);
}

/** Return the fields of a step with the values of a scope put in. */
export function filledFields(step: Step, scope: JsonObject): JsonObject {
  const fields = Object.entries(step.data).filter(([name]) => !INNER.has(name));
  return Object.fromEntries(fields.map(([name, value]) => [name, filled(value, scope)]));
}

/** Fill each text by itself: one that cannot be computed does not take the others with it. */
function filled(value: JsonValue, scope: JsonObject): JsonValue {
  if (Array.isArray(value)) return value.map((item) => filled(item, scope));
  if (isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, filled(item, scope)]),
    );
  }
  try {
    return render(value, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return value;
    throw error;
  }
}
