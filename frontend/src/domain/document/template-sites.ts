/** Which texts of a step hold templates, and in which scope each of them stands. */
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import type { Path } from "./source-tree";

/** `own`: the scope the step stands in. `inner`: that of a loop's steps. `recovery`: that of `on_error.do`. */
export type Role = "own" | "inner" | "recovery";

/** A text that holds a template; `path` is below its step. */
export interface Site {
  path: Path;
  text: string;
  role: Role;
}

/** Fields whose text is never a template: names, ids, numbers of `retry`, programs and JSON Schemas. */
const UNTEMPLATED: ReadonlySet<string> = new Set([
  "title",
  "description",
  "needs",
  "join",
  "retry",
  "effect",
  "on_error.on",
  "agent",
  "llm",
  "model",
  "tool",
  "tools",
  "workflow",
  "mode",
  "http.parse",
  "code.source",
  "switch.then",
  "switch.else",
  "loop.as",
  "loop.on_item_error",
  "loop.on_max",
  "approval.allow",
  "approval.form",
  "approval.on_expire",
]);
const STEPS: ReadonlySet<string> = new Set(["do", "undo", "on_error.do"]);

/** Give the texts of a written step that hold templates; the steps inside it are not looked into. */
export function* templateSites(step: JsonObject): Generator<Site> {
  for (const [field, value] of Object.entries(step)) yield* below(step, [field], [field], value);
}

/** Give the texts in a value that hold a template, at any depth; keys are not templates. */
export function* textsIn(
  value: JsonValue,
  path: Path = [],
): Generator<{ path: Path; text: string }> {
  if (typeof value === "string") {
    if (value.includes("${")) yield { path, text: value };
  } else if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) yield* textsIn(item, [...path, position]);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) yield* textsIn(item, [...path, key]);
  }
}

/** Whether the text of a field is never a template; `named` is its path without positions. */
export function isUntemplated(step: JsonObject, named: string): boolean {
  return UNTEMPLATED.has(named) || (named === "output" && !("loop" in step));
}

function* below(step: JsonObject, path: Path, named: string[], value: JsonValue): Generator<Site> {
  const dotted = named.join(".");
  if (STEPS.has(dotted) || isUntemplated(step, dotted)) return;
  if (isMap(value) && named.length < 2) {
    for (const [key, item] of Object.entries(value)) {
      yield* below(step, [...path, key], [...named, key], item);
    }
  } else if (Array.isArray(value) && dotted === "switch") {
    for (const [position, item] of value.entries())
      yield* below(step, [...path, position], named, item);
  } else {
    for (const found of textsIn(value, path)) yield { ...found, role: roleOf(named, dotted) };
  }
}

function roleOf(named: string[], dotted: string): Role {
  if (named[0] === "output" || dotted === "loop.until") return "inner";
  return named[0] === "on_error" ? "recovery" : "own";
}
