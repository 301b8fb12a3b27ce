/** What can be written next in an expression, by the values of a sample: names, fields, functions. */
import { FUNCTIONS } from "./functions";
import { Meter } from "./meter";
import { compact, isMap, type JsonObject, type JsonValue, kind } from "./values";

export interface Completion {
  /** What stands there afterwards. */
  insert: string;
  /** What the value is, shortly; a function says so itself. */
  detail: string;
}
export interface Completions {
  /** Where the word begins that is replaced. */
  from: number;
  items: Completion[];
}

const MOST = 40;
const SHORT = 60;
const PATH = /(?:[A-Za-z_]\w*(?:\[\d+\])*\.)*[A-Za-z_]?\w*$/;

/** Return what fits at a place of a text; nothing outside of `${…}`. */
export function completionsAt(
  text: string,
  caret: number,
  scope: JsonObject,
): Completions | undefined {
  const opening = text.lastIndexOf("${", caret - 1);
  if (opening < 0 || text[opening - 1] === "$") return undefined;
  const written = text.slice(opening + 2, caret);
  if (written.includes("}")) return undefined;
  const path = PATH.exec(written)?.[0] ?? "";
  const dot = path.lastIndexOf(".");
  const word = path.slice(dot + 1);
  const found = dot < 0 ? names(scope) : fields(valueAt(scope, path.slice(0, dot)));
  const items = found.filter(({ insert }) => insert.startsWith(word) && insert !== word);
  return items.length > 0 ? { from: caret - word.length, items: items.slice(0, MOST) } : undefined;
}

/** Return a text with a completion put in, and where the caret stands then. */
export function completed(
  text: string,
  caret: number,
  from: number,
  insert: string,
): { text: string; caret: number } {
  return { text: text.slice(0, from) + insert + text.slice(caret), caret: from + insert.length };
}

function names(scope: JsonObject): Completion[] {
  const functions = [...FUNCTIONS.keys(), "default", "has"].toSorted();
  return [...fields(scope), ...functions.map((name) => ({ insert: `${name}(`, detail: "ƒ" }))];
}

/** Only what can be written behind a dot. */
function fields(value: JsonValue | undefined): Completion[] {
  if (!isMap(value)) return [];
  return Object.entries(value)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([insert, found]) => ({ insert, detail: shortly(found) }));
}

function valueAt(scope: JsonObject, path: string): JsonValue | undefined {
  let found: JsonValue | undefined = scope;
  for (const part of path.split(/[.[\]]+/).filter(Boolean)) {
    if (Array.isArray(found)) found = found[Number(part)];
    else if (isMap(found) && Object.hasOwn(found, part)) found = found[part];
    else return undefined;
  }
  return found;
}

function shortly(value: JsonValue): string {
  if (value === null || typeof value !== "object") return String(value).slice(0, SHORT);
  if (isMap(value)) return `{${Object.keys(value).slice(0, 4).join(", ")}}`;
  return value.length === 0 ? kind(value) : compact(value.slice(0, 2), new Meter()).slice(0, SHORT);
}
