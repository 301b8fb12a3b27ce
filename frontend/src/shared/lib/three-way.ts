/** What two people changed in the same thing, field by field: seen by one of them, who saved later. */

export interface Difference {
  field: string;
  /** Undefined: it is not there any more. */
  theirs: unknown;
  mine: unknown;
  /** Both changed it, each otherwise. */
  isBoth: boolean;
}

/** Return what they changed since `base`, with what stands there in mine. */
export function differences(base: object, theirs: object, mine: object): Difference[] {
  const [before, now, own] = [fieldsIn(base), fieldsIn(theirs), fieldsIn(mine)];
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((field) => !isEqual(before.get(field), now.get(field)))
    .map((field) => ({
      field,
      theirs: now.get(field),
      mine: own.get(field),
      isBoth:
        !isEqual(own.get(field), before.get(field)) && !isEqual(own.get(field), now.get(field)),
    }));
}

/** Return theirs with everything that I changed: fields that I left alone are as they saved them. */
export function withMine<T extends object>(base: T, theirs: T, mine: T): T {
  const [before, merged] = [fieldsIn(base), fieldsIn(theirs)];
  const own = fieldsIn(mine);
  for (const field of new Set([...before.keys(), ...own.keys()])) {
    if (isEqual(own.get(field), before.get(field))) continue;
    if (own.has(field)) merged.set(field, own.get(field));
    else merged.delete(field);
  }
  // Mine says the order, so that nothing jumps under the eyes of who typed it.
  const order = [...own.keys(), ...merged.keys()].filter((field) => merged.has(field));
  return Object.fromEntries(order.map((field) => [field, merged.get(field)])) as T;
}

function fieldsIn(one: object): Map<string, unknown> {
  return new Map(Object.entries(one));
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
