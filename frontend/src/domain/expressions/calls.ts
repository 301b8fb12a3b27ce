/** Checks a call while it is parsed: that the function exists and the arguments are right for it. */
import { nearest } from "@/shared/lib/nearest";
import { ExpressionSyntaxError } from "./errors";
import { FUNCTIONS, LAZY } from "./functions";
import type { Token } from "./lexer";
import { compilePattern, PatternError } from "./patterns";
import type { Node } from "./syntax";

export const MACROS: ReadonlySet<string> = new Set(["all", "exists", "filter", "map"]);

/** Throw ExpressionSyntaxError if the call can never work. */
export function checkCall(name: string, list: Node[], word: Token, isMethod: boolean): void {
  const known = FUNCTIONS.get(name);
  const lazy = LAZY.get(name);
  if (!known && lazy === undefined) {
    const hint = nearestCall(name);
    const place = { start: word.start, end: word.end, hint };
    throw new ExpressionSyntaxError(`There is no function '${name}'.`, place, "unknown_function");
  }
  if (isMethod && !known?.isMethod) {
    const place = { start: word.start, end: word.end, hint: `Write ${name}(x, …).` };
    throw new ExpressionSyntaxError(`${name} is not a method.`, place);
  }
  const least = lazy ?? known?.least ?? 0;
  const most = lazy ?? Math.max(least, known?.most ?? 0);
  if (list.length < least || list.length > most) {
    const message = `${name} takes ${least} argument${least === 1 ? "" : "s"}, not ${list.length}.`;
    throw new ExpressionSyntaxError(message, word);
  }
  if (name === "has" && list[0]?.type !== "select" && list[0]?.type !== "index") {
    throw new ExpressionSyntaxError("has needs a path such as steps.a.output.b.", word);
  }
  if (name === "matches") checkPattern(list[1]);
}

function checkPattern(pattern: Node | undefined): void {
  if (pattern?.type !== "literal" || typeof pattern.value !== "string") return;
  try {
    compilePattern(pattern.value);
  } catch (error) {
    if (error instanceof PatternError) throw new ExpressionSyntaxError(error.message, pattern);
    throw error;
  }
}

function nearestCall(name: string): string | undefined {
  if (MACROS.has(name)) return `Write list.${name}(x, …).`;
  const close = nearest(name, [...FUNCTIONS.keys(), ...LAZY.keys(), ...MACROS]);
  return close ? `Did you mean ${close}?` : undefined;
}
