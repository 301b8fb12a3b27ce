/** Computes the value of a syntax tree in a scope. */
import { ExpressionError, MissingValueError } from "./errors";
import { FUNCTIONS } from "./functions";
import { MAX_PATTERN } from "./limits";
import { Meter } from "./meter";
import { OPERATIONS } from "./operators";
import type { Binary, Call, Comprehension, Index, MapOf, Name, Node, Select } from "./syntax";
import { hasKey, isMap, type JsonObject, type JsonValue, kind, number } from "./values";

export type Scope = JsonObject;

/** Return the value; throws ExpressionError with a message that names what is missing or wrong. */
export function evaluate(node: Node, scope: Scope, meter = new Meter()): JsonValue {
  switch (node.type) {
    case "literal":
      return node.value;
    case "name":
    case "select":
    case "index":
      return walk(node, scope, meter);
    case "binary":
      return binary(node, scope, meter);
    case "unary": {
      meter.spend(1);
      const found = evaluate(node.operand, scope, meter);
      return node.operator === "!" ? !boolean(found, "!") : 0 - number(found, "-");
    }
    case "conditional": {
      meter.spend(1);
      return evaluate(
        boolean(evaluate(node.test, scope, meter), "?") ? node.yes : node.no,
        scope,
        meter,
      );
    }
    case "list":
      meter.spend(1);
      return node.items.map((item) => evaluate(item, scope, meter));
    case "map":
      return map(node, scope, meter);
    case "call":
      return call(node, scope, meter);
    case "comprehension":
      return comprehension(node, scope, meter);
  }
}

/** Whether the expression only names a value, so that it passes on values of any size. */
export function isReference(node: Node): boolean {
  let found = node;
  while (found.type === "select" || found.type === "index") {
    if (found.type === "index" && found.key.type !== "literal") return false;
    found = found.target;
  }
  return found.type === "name";
}

function walk(node: Name | Select | Index, scope: Scope, meter: Meter): JsonValue {
  meter.spend(1);
  if (node.type === "name") {
    if (hasKey(scope, node.name)) return scope[node.name] ?? null;
    throw new MissingValueError(`'${node.name}' does not exist here.`);
  }
  const found = evaluate(node.target, scope, meter);
  const key = node.type === "select" ? node.field : evaluate(node.key, scope, meter);
  return stepInto(found, key, node);
}

function stepInto(found: JsonValue, key: JsonValue, link: Select | Index): JsonValue {
  if (isMap(found) && typeof key === "string") {
    if (hasKey(found, key)) return found[key] ?? null;
    throw new MissingValueError(
      `${written(link)} does not exist: there is no '${key.slice(0, 60)}'.`,
    );
  }
  if (Array.isArray(found) && typeof key === "number") {
    const item = Number.isSafeInteger(key) && key >= 0 ? found[key] : undefined;
    if (item !== undefined) return item;
    throw new MissingValueError(
      `${written(link)} does not exist: the list has ${found.length} items.`,
    );
  }
  throw new MissingValueError(
    `${written(link)} does not exist: ${written(link.target)} is ${kind(found)}.`,
  );
}

/** Return a path as a person writes it, for messages. */
export function written(node: Node): string {
  if (node.type === "name") return node.name;
  if (node.type === "select") return `${written(node.target)}.${node.field}`;
  if (node.type !== "index") return "(…)";
  const key = node.key.type === "literal" ? JSON.stringify(node.key.value) : "…";
  return `${written(node.target)}[${key}]`;
}

function binary(node: Binary, scope: Scope, meter: Meter): JsonValue {
  meter.spend(1);
  const left = evaluate(node.left, scope, meter);
  if (node.operator === "&&" || node.operator === "||") {
    const settles = node.operator === "||";
    if (boolean(left, node.operator) === settles) return settles;
    return boolean(evaluate(node.right, scope, meter), node.operator);
  }
  const operation = OPERATIONS.get(node.operator);
  if (!operation) throw new ExpressionError(`${node.operator} is no operator.`);
  return operation(left, evaluate(node.right, scope, meter), meter);
}

function map(node: MapOf, scope: Scope, meter: Meter): JsonValue {
  meter.spend(1);
  const made: JsonObject = {};
  for (const [keyNode, valueNode] of node.entries) {
    const key = evaluate(keyNode, scope, meter);
    if (typeof key !== "string") {
      throw new ExpressionError(`The keys of a map are texts, not ${kind(key)}.`);
    }
    if (hasKey(made, key))
      throw new ExpressionError(`The map has the key '${key.slice(0, 40)}' twice.`);
    made[key] = evaluate(valueNode, scope, meter);
  }
  return made;
}

function call(node: Call, scope: Scope, meter: Meter): JsonValue {
  meter.spend(1);
  const [first, second] = node.arguments;
  if (node.function === "default" && first && second) {
    const found = orMissing(() => evaluate(first, scope, meter));
    return found === undefined || found === null ? evaluate(second, scope, meter) : found;
  }
  if (node.function === "has" && first) {
    return orMissing(() => evaluate(first, scope, meter)) !== undefined;
  }
  const values = node.arguments.map((one) => evaluate(one, scope, meter));
  const pattern = values[1];
  const isOpen = node.function === "matches" && second?.type !== "literal";
  if (isOpen && typeof pattern === "string" && pattern.length > MAX_PATTERN) {
    throw new ExpressionError(
      `A pattern that is not a literal is at most ${MAX_PATTERN} characters long.`,
    );
  }
  const known = FUNCTIONS.get(node.function);
  if (!known) throw new ExpressionError(`There is no function '${node.function}'.`);
  return known.run(values, meter);
}

function orMissing(compute: () => JsonValue): JsonValue | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof MissingValueError) return undefined;
    throw error;
  }
}

function comprehension(node: Comprehension, scope: Scope, meter: Meter): JsonValue {
  const found = evaluate(node.over, scope, meter);
  if (!Array.isArray(found) && !isMap(found)) {
    throw new ExpressionError(`${node.macro} needs a list or map, not ${kind(found)}.`);
  }
  const list = Array.isArray(found) ? found : Object.keys(found);
  meter.items(list.length, 4);
  const each = (item: JsonValue) => evaluate(node.body, { ...scope, [node.variable]: item }, meter);
  const holds = (item: JsonValue) => boolean(each(item), node.macro);
  switch (node.macro) {
    case "map":
      return list.map(each);
    case "filter":
      return list.filter(holds);
    case "exists":
      return list.some(holds);
    default:
      return list.every(holds);
  }
}

function boolean(value: JsonValue, operator: string): boolean {
  if (typeof value === "boolean") return value;
  throw new ExpressionError(`${operator} needs true or false, not ${kind(value)}.`);
}
