/** The functions that work on lists and maps. */
import { ExpressionError } from "./errors";
import type { Meter } from "./meter";
import { add, rounded } from "./operators";
import { argument, type LanguageFunction } from "./signatures";
import {
  compact,
  compareText,
  integer,
  items,
  type JsonValue,
  kind,
  mapping,
  number,
} from "./values";

function merge(values: JsonValue[], meter: Meter): JsonValue {
  const merged = {
    ...mapping(argument(values, 0), "merge", meter),
    ...mapping(argument(values, 1), "merge", meter),
  };
  meter.items(Object.keys(merged).length);
  return merged;
}

function rangeOf(values: JsonValue[], meter: Meter): JsonValue {
  const count = integer(argument(values, 0), "range");
  if (count < 0) {
    throw new ExpressionError(`range needs a number that is not negative, not ${count}.`);
  }
  meter.items(count, 3);
  return Array.from({ length: count }, (_, position) => position);
}

function sort(values: JsonValue[], meter: Meter): JsonValue {
  const found = items(argument(values, 0), "sort", meter);
  meter.spend(Math.floor(found.length / 2));
  const texts = found.filter((item) => typeof item === "string");
  if (texts.length === found.length) return texts.toSorted(compareText);
  return found
    .map((item) => number(item, "sort of a list that is not all text"))
    .toSorted((one, other) => one - other);
}

function unique(values: JsonValue[], meter: Meter): JsonValue {
  const seen = new Set<string>();
  return items(argument(values, 0), "unique", meter).filter((item) => {
    const identity = typeof item === "string" ? `t${item}` : `v${compact(item, meter, true)}`;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function flatten(values: JsonValue[], meter: Meter): JsonValue {
  const flat = items(argument(values, 0), "flatten", meter).flatMap((item) => {
    meter.items(Array.isArray(item) ? item.length : 1);
    return Array.isArray(item) ? item : [item];
  });
  meter.items(flat.length);
  return flat;
}

function sliceOf(values: JsonValue[], meter: Meter): JsonValue {
  const subject = argument(values, 0);
  if (typeof subject !== "string" && !Array.isArray(subject)) {
    throw new ExpressionError(`slice needs a list or text, not ${kind(subject)}.`);
  }
  meter.spend(1 + Math.floor(subject.length / 100));
  const start = integer(argument(values, 1), "slice");
  const stop = integer(argument(values, 2), "slice");
  if (Array.isArray(subject)) return subject.slice(start, stop);
  return [...subject].slice(start, stop).join("");
}

function sumOf(values: JsonValue[], meter: Meter): JsonValue {
  return items(argument(values, 0), "sum", meter).reduce<JsonValue>(
    (total, item) => add(total, number(item, "sum"), meter),
    0,
  );
}

function numbers(values: JsonValue[], name: string, meter: Meter): number[] {
  const found = items(argument(values, 0), name, meter).map((item) => number(item, name));
  if (found.length === 0) {
    throw new ExpressionError(`${name} needs a list with at least one number.`);
  }
  return found;
}

function roundTo(values: JsonValue[], meter: Meter): JsonValue {
  meter.spend(1);
  const value = number(argument(values, 0), "round");
  const digits = values.length > 1 ? integer(argument(values, 1), "round") : 0;
  if (digits < 0 || digits > 15) {
    throw new ExpressionError(`round needs 0 to 15 digits, not ${digits}.`);
  }
  return rounded(value, digits);
}

function absolute(values: JsonValue[], meter: Meter): JsonValue {
  meter.spend(1);
  return Math.abs(number(argument(values, 0), "abs"));
}

export const LIST_FUNCTIONS: Record<string, LanguageFunction> = {
  merge: { run: merge, least: 2, signature: "merge(map, map)" },
  keys: {
    run: (values, meter) => Object.keys(mapping(argument(values, 0), "keys", meter)),
    least: 1,
    signature: "keys(map)",
  },
  values: {
    run: (values, meter) => Object.values(mapping(argument(values, 0), "values", meter)),
    least: 1,
    signature: "values(map)",
  },
  range: { run: rangeOf, least: 1, signature: "range(n)" },
  sort: { run: sort, least: 1, signature: "sort(list)" },
  unique: { run: unique, least: 1, signature: "unique(list)" },
  flatten: { run: flatten, least: 1, signature: "flatten(list)" },
  slice: { run: sliceOf, least: 3, signature: "slice(list, from, to)" },
  sum: { run: sumOf, least: 1, signature: "sum(list)" },
  min: {
    run: (values, meter) => Math.min(...numbers(values, "min", meter)),
    least: 1,
    signature: "min(list)",
  },
  max: {
    run: (values, meter) => Math.max(...numbers(values, "max", meter)),
    least: 1,
    signature: "max(list)",
  },
  abs: { run: absolute, least: 1, signature: "abs(x)" },
  round: { run: roundTo, least: 1, most: 2, signature: "round(x, digits)" },
};
