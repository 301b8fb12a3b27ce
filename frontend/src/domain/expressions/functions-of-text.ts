/** The functions that work on text. */
import { sha256 } from "@/shared/lib/sha256";
import { ExpressionError } from "./errors";
import { MAX_VALUE_DEPTH } from "./limits";
import type { Meter } from "./meter";
import { compilePattern, PatternError } from "./patterns";
import { argument, type LanguageFunction } from "./signatures";
import {
  compact,
  isMap,
  items,
  type JsonValue,
  kind,
  number,
  printed,
  settled,
  settledInteger,
  text,
} from "./values";

const INTEGER = /^[+-]?[0-9]{1,30}$/;
const NUMBER = /^[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,6})?$/;
const SPACE_AT_ENDS = /^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g;

function size(values: JsonValue[], meter: Meter): JsonValue {
  const value = argument(values, 0);
  meter.spend(1);
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new ExpressionError(`size needs a text, list or map, not ${kind(value)}.`);
}

/** Return a function of two texts. */
function ofTwo(name: string, compute: (one: string, other: string) => JsonValue): LanguageFunction {
  return {
    run: (values, meter) => {
      const other = text(argument(values, 1), name, meter);
      return compute(text(argument(values, 0), name, meter), other);
    },
    least: 2,
    isMethod: true,
    signature: `${name}(text, part)`,
  };
}

/** Return a function of one text. */
function ofOne(name: string, compute: (one: string) => JsonValue): LanguageFunction {
  return {
    run: (values, meter) => compute(text(argument(values, 0), name, meter)),
    least: 1,
    signature: `${name}(text)`,
  };
}

function matches(values: JsonValue[], meter: Meter): JsonValue {
  const subject = text(argument(values, 0), "matches", meter);
  const pattern = text(argument(values, 1), "matches", meter);
  const states = Math.floor((subject.length * pattern.length) / 1_000);
  meter.spend(10 + Math.floor(subject.length / 50) + states);
  try {
    return compilePattern(pattern).test(subject);
  } catch (error) {
    if (error instanceof PatternError) throw new ExpressionError(error.message);
    throw error;
  }
}

function replace(values: JsonValue[], meter: Meter): JsonValue {
  const [subject = "", old = "", fresh = ""] = values.map((value) => text(value, "replace", meter));
  const found =
    old === ""
      ? [...subject].reduce((made, one) => made + one + fresh, fresh)
      : subject.replaceAll(old, () => fresh);
  meter.text(found.length);
  return found;
}

function split(values: JsonValue[], meter: Meter): JsonValue {
  const subject = text(argument(values, 0), "split", meter);
  const separator = text(argument(values, 1), "split", meter);
  const parts = separator === "" ? [...subject] : subject.split(separator);
  meter.items(parts.length);
  return parts;
}

function join(values: JsonValue[], meter: Meter): JsonValue {
  const separator = text(argument(values, 1), "join", meter);
  const found = items(argument(values, 0), "join", meter)
    .map((item) => printed(item, meter))
    .join(separator);
  meter.text(found.length);
  return found;
}

function toJson(values: JsonValue[], meter: Meter): JsonValue {
  const found = compact(argument(values, 0), meter);
  meter.text(found.length);
  return found;
}

function parseJson(values: JsonValue[], meter: Meter): JsonValue {
  const source = text(argument(values, 0), "parse_json", meter);
  let value: JsonValue;
  try {
    value = JSON.parse(source);
  } catch {
    const shown = source.slice(0, 40);
    throw new ExpressionError(`parse_json got a text that is not JSON: '${shown}'.`);
  }
  meter.spend(Math.floor(source.length / 50));
  checkDepth(value, 0);
  return value;
}

function checkDepth(value: JsonValue, depth: number): void {
  if (depth > MAX_VALUE_DEPTH) {
    const message = `parse_json got a value nested deeper than ${MAX_VALUE_DEPTH} levels.`;
    throw new ExpressionError(message);
  }
  const inner = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
  for (const item of inner) checkDepth(item, depth + 1);
}

function toInt(values: JsonValue[], meter: Meter): JsonValue {
  const value = argument(values, 0);
  if (typeof value !== "string") return settled(Math.trunc(number(value, "int")));
  meter.text(value.length);
  if (!INTEGER.test(value)) {
    throw new ExpressionError(
      `int got a text that is not a whole number: '${value.slice(0, 40)}'.`,
    );
  }
  return settledInteger(Number(value));
}

function toDouble(values: JsonValue[], meter: Meter): JsonValue {
  const value = argument(values, 0);
  if (typeof value !== "string") return number(value, "double");
  meter.text(value.length);
  if (!NUMBER.test(value)) {
    throw new ExpressionError(`double got a text that is not a number: '${value.slice(0, 40)}'.`);
  }
  return settled(Number(value));
}

function hashOf(values: JsonValue[], meter: Meter): JsonValue {
  const found = compact(argument(values, 0), meter, true);
  meter.text(found.length);
  return sha256(found);
}

export const TEXT_FUNCTIONS: Record<string, LanguageFunction> = {
  size: { run: size, least: 1, isMethod: true, signature: "size(x)" },
  contains: ofTwo("contains", (one, other) => one.includes(other)),
  startsWith: ofTwo("startsWith", (one, other) => one.startsWith(other)),
  endsWith: ofTwo("endsWith", (one, other) => one.endsWith(other)),
  matches: { run: matches, least: 2, isMethod: true, signature: "matches(text, pattern)" },
  replace: { run: replace, least: 3, isMethod: true, signature: "replace(text, old, new)" },
  lower: ofOne("lower", (one) => one.toLowerCase()),
  upper: ofOne("upper", (one) => one.toUpperCase()),
  trim: ofOne("trim", (one) => one.replace(SPACE_AT_ENDS, "")),
  split: { run: split, least: 2, signature: "split(text, separator)" },
  join: { run: join, least: 2, signature: "join(list, separator)" },
  string: {
    run: (values, meter) => printed(argument(values, 0), meter),
    least: 1,
    signature: "string(x)",
  },
  json: { run: toJson, least: 1, signature: "json(x)" },
  parse_json: { run: parseJson, least: 1, signature: "parse_json(text)" },
  int: { run: toInt, least: 1, signature: "int(x)" },
  double: { run: toDouble, least: 1, signature: "double(x)" },
  hash: { run: hashOf, least: 1, signature: "hash(x)" },
};
