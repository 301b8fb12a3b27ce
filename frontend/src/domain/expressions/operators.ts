/** Arithmetic and comparison of values. */
import { ExpressionError } from "./errors";
import type { Meter } from "./meter";
import {
  compareText,
  equal,
  hasKey,
  isMap,
  type JsonValue,
  kind,
  number,
  settled,
  settledInteger,
} from "./values";

export type Operation = (left: JsonValue, right: JsonValue, meter: Meter) => JsonValue;

/** Steps of making one text of two. */
const JOINING = 5;

/** Return the sum of two numbers, or two texts or lists one after the other. */
export function add(left: JsonValue, right: JsonValue, meter: Meter): JsonValue {
  if (typeof left === "string" && typeof right === "string") {
    meter.text(left.length + right.length, { steps: JOINING });
    return left + right;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    meter.items(left.length + right.length, 16);
    return [...left, ...right];
  }
  if (kind(left) !== kind(right)) {
    const message = `+ cannot add ${kind(left)} and ${kind(right)}. Use string(x) to make a text.`;
    throw new ExpressionError(message);
  }
  return exact(number(left, "+"), number(right, "+"), (one, other) => one + other);
}

function exact(
  one: number,
  other: number,
  compute: (one: number, other: number) => number,
): number {
  const found = compute(one, other);
  const areIntegers = Number.isSafeInteger(one) && Number.isSafeInteger(other);
  return areIntegers ? settledInteger(found) : settled(found);
}

function divisor(value: number): number {
  if (value === 0) throw new ExpressionError("Division by zero.");
  return value;
}

const ARITHMETIC: Record<string, (one: number, other: number) => number> = {
  "-": (one, other) => exact(one, other, (a, b) => a - b),
  "*": (one, other) => exact(one, other, (a, b) => a * b),
  "/": (one, other) => settled(one / divisor(other)),
  "%": (one, other) => settled(one % divisor(other)),
};

function arithmetic(operator: string): Operation {
  return (left, right) =>
    ARITHMETIC[operator]?.(number(left, operator), number(right, operator)) ?? 0;
}

const COMPARISONS: Record<string, (difference: number) => boolean> = {
  "<": (difference) => difference < 0,
  "<=": (difference) => difference <= 0,
  ">": (difference) => difference > 0,
  ">=": (difference) => difference >= 0,
};

function compare(operator: string): Operation {
  return (left, right, meter) => {
    const holds = COMPARISONS[operator] ?? (() => false);
    if (typeof left === "string" && typeof right === "string") {
      meter.text(Math.min(left.length, right.length));
      return holds(compareText(left, right));
    }
    if (typeof left === "string" || kind(left) !== kind(right)) {
      throw new ExpressionError(`${operator} cannot compare ${kind(left)} with ${kind(right)}.`);
    }
    const one = number(left, operator);
    const other = number(right, operator);
    return holds(one === other ? 0 : one - other);
  };
}

function isIn(left: JsonValue, right: JsonValue, meter: Meter): boolean {
  if (Array.isArray(right)) {
    meter.items(right.length, 16);
    return right.some((item) => equal(left, item, meter));
  }
  if (isMap(right)) {
    meter.spend(1);
    return typeof left === "string" && hasKey(right, left);
  }
  const remedy = typeof right === "string" ? " Use contains to look into a text." : "";
  throw new ExpressionError(`in needs a list or map on its right, not ${kind(right)}.${remedy}`);
}

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["==", (left, right, meter) => equal(left, right, meter)],
  ["!=", (left, right, meter) => !equal(left, right, meter)],
  ["+", add],
  ["in", isIn],
  ...Object.keys(COMPARISONS).map((sign): [string, Operation] => [sign, compare(sign)]),
  ...Object.keys(ARITHMETIC).map((sign): [string, Operation] => [sign, arithmetic(sign)]),
]);

/** Return a number rounded by its decimal text, half away from zero. */
export function rounded(value: number, digits: number): number {
  if (Number.isSafeInteger(value)) return value;
  const sign = value < 0 ? -1 : 1;
  const [mantissa = "0", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const shift = Number(exponent) + digits;
  const all = whole + fraction;
  const point = whole.length + shift;
  if (point >= all.length) return settled(value);
  const kept = point > 0 ? BigInt(all.slice(0, point)) : 0n;
  const next = point >= 0 ? Number(all[point] ?? "0") : 0;
  const result = kept + (next >= 5 ? 1n : 0n);
  return settled(sign * Number(`${result}e${-digits}`));
}
