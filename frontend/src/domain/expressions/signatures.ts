/** What the table of functions says about each of them. */
import type { Meter } from "./meter";
import type { JsonValue } from "./values";

export interface LanguageFunction {
  run: (values: JsonValue[], meter: Meter) => JsonValue;
  least: number;
  most?: number;
  /** Whether `a.f(b)` is allowed too. */
  isMethod?: boolean;
  /** How it is written, for completion: `join(list, separator)`. */
  signature: string;
}

/** Return an argument that the parser has counted already. */
export function argument(values: JsonValue[], position: number): JsonValue {
  return values[position] ?? null;
}
