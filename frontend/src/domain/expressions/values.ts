/** What the values of the language are: their kinds, equality, numbers, and how they print. */
import { ExpressionError } from "./errors";
import { MAX_INTEGER, MAX_VALUE_DEPTH } from "./limits";
import type { Meter } from "./meter";

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

const SHORT = 200;
const WRITTEN_PER_STEP = 50;

export function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a map has an entry of its own under a key. */
export function hasKey(map: JsonObject, key: string): boolean {
  return Object.hasOwn(map, key);
}

/** Return what a value is, in words for people. */
export function kind(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const names = { boolean: "a boolean", number: "a number", string: "a text", object: "a map" };
  return names[typeof value as keyof typeof names];
}

/** Return a value that must be a number the language can hold. */
export function number(value: JsonValue, purpose: string): number {
  if (typeof value !== "number") {
    throw new ExpressionError(`${purpose} needs a number, not ${kind(value)}.`);
  }
  return settled(value);
}

/** Return a number in its one form; nothing is infinite, there is one zero. */
export function settled(value: number): number {
  if (!Number.isFinite(value)) throw new ExpressionError("The result is not a finite number.");
  return value === 0 ? 0 : value;
}

/** Return the result of integer arithmetic, which may not leave the exact range. */
export function settledInteger(value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new ExpressionError(`The integer ${value} is beyond ±${MAX_INTEGER}.`);
  }
  return value === 0 ? 0 : value;
}

/** Return a value that must be a whole number. */
export function integer(value: JsonValue, purpose: string): number {
  const found = number(value, purpose);
  if (!Number.isSafeInteger(found)) {
    throw new ExpressionError(`${purpose} needs a whole number, not ${found}.`);
  }
  return found;
}

/** Return a value that must be a text. */
export function text(value: JsonValue, purpose: string, meter: Meter): string {
  if (typeof value !== "string") {
    throw new ExpressionError(`${purpose} needs a text, not ${kind(value)}.`);
  }
  meter.text(value.length);
  return value;
}

/** Return a value that must be a list. */
export function items(value: JsonValue, purpose: string, meter: Meter): JsonValue[] {
  if (!Array.isArray(value)) {
    throw new ExpressionError(`${purpose} needs a list, not ${kind(value)}.`);
  }
  meter.items(value.length);
  return value;
}

/** Return a value that must be a map. */
export function mapping(value: JsonValue, purpose: string, meter: Meter): JsonObject {
  if (!isMap(value)) throw new ExpressionError(`${purpose} needs a map, not ${kind(value)}.`);
  meter.items(Object.keys(value).length);
  return value;
}

/** Compare two texts by their code points. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const one = [...left];
  const other = [...right];
  for (let position = 0; position < Math.min(one.length, other.length); position += 1) {
    const difference =
      (one[position]?.codePointAt(0) ?? 0) - (other[position]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Whether two values are deeply equal; nothing equals a value of another kind. */
export function equal(left: JsonValue, right: JsonValue, meter: Meter, depth = 0): boolean {
  meter.spend(1);
  checkDepth(depth);
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length &&
      left.every((item, position) => equal(item, right[position] ?? null, meter, depth + 1))
    );
  }
  if (isMap(left) && isMap(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every(
        (name) =>
          hasKey(right, name) && equal(left[name] ?? null, right[name] ?? null, meter, depth + 1),
      )
    );
  }
  return left === right;
}

/** Return a value as it appears inside a longer text: texts as they are, else compact JSON. */
export function printed(value: JsonValue, meter: Meter): string {
  const found = typeof value === "string" ? value : compact(value, meter);
  meter.text(found.length);
  return found;
}

/** Return a value as compact JSON; `inOrder`: with the keys of maps in the order of their code points. */
export function compact(value: JsonValue, meter: Meter, inOrder = false, depth = 0): string {
  checkDepth(depth);
  if (Array.isArray(value)) {
    meter.items(value.length);
    return `[${value.map((item) => compact(item, meter, inOrder, depth + 1)).join(",")}]`;
  }
  if (isMap(value)) {
    const names = Object.keys(value);
    meter.items(names.length);
    if (inOrder) names.sort(compareText);
    const entries = names.map(
      (name) => `${plain(name, meter)}:${compact(value[name] ?? null, meter, inOrder, depth + 1)}`,
    );
    return `{${entries.join(",")}}`;
  }
  if (depth === 0) meter.spend(1);
  return plain(value, meter);
}

function plain(value: string | number | boolean | null, meter: Meter): string {
  if (typeof value === "number") return String(settled(value));
  if (typeof value !== "string") return String(value);
  if (value.length > SHORT) meter.text(value.length, { perStep: WRITTEN_PER_STEP });
  else meter.read(value.length);
  return JSON.stringify(value);
}

function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) {
    throw new ExpressionError(`The value is nested deeper than ${MAX_VALUE_DEPTH} levels.`);
  }
}
