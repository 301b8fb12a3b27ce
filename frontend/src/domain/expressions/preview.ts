/** What a text with expressions becomes with the values of a sample. */
import { ExpressionError } from "./errors";
import type { Scope } from "./evaluator";
import { renderText } from "./templates";

export type Preview = { ok: true; text: string } | { ok: false; message: string };

const MOST = 2_000;

/** Return the value as text, cut where it is long, or why there is none; nothing for a text without expressions. */
export function previewOf(text: string, scope: Scope): Preview | undefined {
  if (!text.includes("${")) return undefined;
  try {
    const value = renderText(text, scope);
    const whole = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    return { ok: true, text: whole.length > MOST ? `${whole.slice(0, MOST)} …` : whole };
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, message: error.message };
    throw error;
  }
}
