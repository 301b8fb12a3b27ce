/** Text with `${…}` in it: finding the expressions, and putting their values in. */
import { ExpressionError, ExpressionSyntaxError } from "./errors";
import { evaluate, isReference, type Scope } from "./evaluator";
import { MAX_TEXT } from "./limits";
import { Meter } from "./meter";
import { parsePrefix } from "./parser";
import type { Node } from "./syntax";
import { compact, isMap, type JsonValue, printed } from "./values";

const MAX_ERRORS = 50;

/** Literal texts and expressions in their order. */
export interface Template {
  parts: (string | Node)[];
  errors: ExpressionSyntaxError[];
}

/** Return the parts that can be read, and the error of each expression that cannot. */
export function scanTemplate(text: string): Template {
  const parts: (string | Node)[] = [];
  const errors: ExpressionSyntaxError[] = [];
  let literal = "";
  let position = 0;
  for (let found = text.indexOf("${"); found >= 0; found = text.indexOf("${", position)) {
    if (found > position && text[found - 1] === "$") {
      literal += `${text.slice(position, found - 1)}\${`;
      position = found + 2;
      continue;
    }
    literal += text.slice(position, found);
    const one = tryOne(text, found);
    if (one instanceof ExpressionSyntaxError) {
      errors.push(one);
      position = errors.length < MAX_ERRORS ? Math.max(one.end, found + 2) : text.length;
      continue;
    }
    if (literal) parts.push(literal);
    parts.push(one.node);
    literal = "";
    position = one.end;
  }
  literal += text.slice(position);
  if (literal) parts.push(literal);
  return { parts, errors };
}

/** Return the expressions of a text that can be read. */
export function expressionsOf(text: string): Node[] {
  if (!text.includes("${")) return [];
  return scanTemplate(text).parts.filter((part) => typeof part !== "string");
}

function tryOne(text: string, start: number): { node: Node; end: number } | ExpressionSyntaxError {
  try {
    const { node, end } = parsePrefix(text, start + 2);
    if (text.startsWith("}", end)) return { node, end: end + 1 };
    if (end >= text.length)
      return new ExpressionSyntaxError("This ${ has no closing }.", { start, end });
    const place = { start: end, hint: "Close the expression with }." };
    return new ExpressionSyntaxError(`Unexpected '${text[end]}'.`, place);
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error;
    throw error;
  }
}

/** Return a written value with every template in it evaluated, at any depth; keys stay as they are. */
export function render(value: JsonValue, scope: Scope): JsonValue {
  if (typeof value === "string") return renderText(value, scope);
  if (Array.isArray(value)) return value.map((item) => render(item, scope));
  if (isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, render(item, scope)]),
    );
  }
  return value;
}

/** Evaluate one text: exactly one `${…}` keeps its type; throws ExpressionError. */
export function renderText(text: string, scope: Scope): JsonValue {
  const template = scanTemplate(text);
  const wrong = template.errors[0];
  if (wrong) throw new ExpressionError(wrong.message);
  const [only] = template.parts;
  if (template.parts.length === 1 && only !== undefined && typeof only !== "string") {
    const found = evaluate(only, scope);
    if (!isReference(only)) checkSize(found);
    return found;
  }
  const pieces = template.parts.map((part) => {
    if (typeof part === "string") return part;
    const meter = new Meter();
    return printed(evaluate(part, scope, meter), meter);
  });
  const made = pieces.join("");
  new Meter().text(made.length);
  return made;
}

function checkSize(value: JsonValue): void {
  if (typeof value !== "object" && typeof value !== "string") return;
  const length = typeof value === "string" ? value.length : compact(value, new Meter()).length;
  if (length > MAX_TEXT) {
    throw new ExpressionError(`The result has ${length} characters, more than ${MAX_TEXT}.`);
  }
}
