/** Which names an expression refers to: the source of a workflow's edges and of most of its problems. */
import { children, type Index, type Node, type Select } from "./syntax";

/** A path from a name of the scope. */
export interface Reference {
  name: string;
  /** Its constant parts after the name. */
  fields: (string | number)[];
  start: number;
  end: number;
  /** Inside `default` or `has`, so that it may not exist. */
  isLenient: boolean;
  /** Where the first field is written, if there is one: what a rename replaces. */
  firstField: { start: number; end: number; isQuoted: boolean } | undefined;
}

/** Return the step a reference names, if it is one of `steps.<id>…`. */
export function stepOf(reference: Reference): string | undefined {
  const first = reference.name === "steps" ? reference.fields[0] : undefined;
  return typeof first === "string" ? first : undefined;
}

/** Whether the step may end in any way: a lenient reference, or one to the status. */
export function isWait(reference: Reference): boolean {
  return reference.isLenient || reference.fields[1] === "status";
}

/** Return the references to the scope in the order they are written, without loop variables. */
export function references(node: Node): Reference[] {
  return [...walk(node, new Set(), false)];
}

function* walk(node: Node, bound: ReadonlySet<string>, isLenient: boolean): Generator<Reference> {
  if (node.type === "name" || node.type === "select" || node.type === "index") {
    yield* path(node, bound, isLenient);
    return;
  }
  if (node.type === "comprehension") {
    yield* walk(node.over, bound, isLenient);
    yield* walk(node.body, new Set([...bound, node.variable]), isLenient);
    return;
  }
  const isNowLenient =
    isLenient || (node.type === "call" && (node.function === "default" || node.function === "has"));
  for (const child of children(node)) yield* walk(child, bound, isNowLenient);
}

function* path(whole: Node, bound: ReadonlySet<string>, isLenient: boolean): Generator<Reference> {
  const chain: (Select | Index)[] = [];
  let node = whole;
  while (node.type === "select" || node.type === "index") {
    chain.unshift(node);
    node = node.target;
  }
  if (node.type !== "name") {
    yield* walk(node, bound, isLenient);
  } else if (!bound.has(node.name)) {
    yield {
      name: node.name,
      fields: constantFields(chain),
      start: whole.start,
      end: whole.end,
      isLenient,
      firstField: placeOf(chain[0]),
    };
  }
  for (const link of chain) {
    if (link.type === "index") yield* walk(link.key, bound, isLenient);
  }
}

function constantFields(chain: (Select | Index)[]): (string | number)[] {
  const fields: (string | number)[] = [];
  for (const link of chain) {
    const key =
      link.type === "select" ? link.field : link.key.type === "literal" ? link.key.value : null;
    if (typeof key !== "string" && typeof key !== "number") break;
    fields.push(key);
  }
  return fields;
}

function placeOf(link: Select | Index | undefined): Reference["firstField"] {
  if (!link) return undefined;
  if (link.type === "select") {
    return { start: link.end - link.field.length, end: link.end, isQuoted: false };
  }
  return link.key.type === "literal"
    ? { start: link.key.start, end: link.key.end, isQuoted: true }
    : undefined;
}
