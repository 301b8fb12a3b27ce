/** Three values to one: what only one side changed is taken, what both changed differently is asked about. */
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import type { Side } from "./merge-lines";

/** A place that both sides changed; what is missing there is undefined. */
export interface Conflict {
  /** As problems write it: `steps.plan.prompt`. Empty for the whole document. */
  path: string;
  base: JsonValue | undefined;
  mine: JsonValue | undefined;
  theirs: JsonValue | undefined;
}

/** What a person chose, by the path of the conflict. */
export type Choices = ReadonlyMap<string, Side>;

type Value = JsonValue | undefined;
export interface Three {
  base: Value;
  mine: Value;
  theirs: Value;
}
export interface Merging {
  choices: Choices;
  conflicts: Conflict[];
}

/** Lists in which order says nothing: both sides may add and remove. */
const SETS = new Set(["needs"]);

/** Return the merged value, with the conflicts put into `merging`; where nothing was chosen, theirs stays. */
export function mergeValues(three: Three, path: readonly string[], merging: Merging): Value {
  const { base, mine, theirs } = three;
  if (isEqual(mine, theirs) || isEqual(mine, base)) return theirs;
  if (isEqual(theirs, base)) return mine;
  if (isMap(base) && isMap(mine) && isMap(theirs)) {
    return mergeMaps({ base, mine, theirs }, path, merging);
  }
  if (SETS.has(path.at(-1) ?? "") && Array.isArray(mine) && Array.isArray(theirs))
    return mergeSets(Array.isArray(base) ? base : [], mine, theirs);
  const written = path.join(".");
  merging.conflicts.push({ path: written, ...three });
  return three[merging.choices.get(written) ?? "theirs"];
}

interface Maps {
  base: JsonObject;
  mine: JsonObject;
  theirs: JsonObject;
}

function mergeMaps(
  { base, mine, theirs }: Maps,
  path: readonly string[],
  merging: Merging,
): JsonObject {
  const [byMine, byTheirs] = [renamed(base, mine), renamed(base, theirs)];
  const followed = {
    base: withNames(withNames(base, byTheirs), byMine),
    mine: withNames(mine, byTheirs),
    theirs: withNames(theirs, byMine),
  };
  const names = new Set([...Object.keys(followed.theirs), ...Object.keys(followed.mine)]);
  const entries = [...names].flatMap((name) => {
    const three = {
      base: own(followed.base, name),
      mine: own(followed.mine, name),
      theirs: own(followed.theirs, name),
    };
    const value = mergeValues(three, [...path, name], merging);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** What is gone under one name and stands unchanged under a new one was renamed: the other side's edits follow it. */
function renamed(base: JsonObject, changed: JsonObject): ReadonlyMap<string, string> {
  const gone = Object.keys(base).filter(
    (name) => isMap(base[name]) && !Object.hasOwn(changed, name),
  );
  const fresh = Object.keys(changed).filter((name) => !Object.hasOwn(base, name));
  const found = gone.flatMap((old) => {
    const same = fresh.filter((name) => isEqual(base[old], changed[name]));
    const [only] = same;
    return only !== undefined && same.length === 1 ? [[old, only] as const] : [];
  });
  // Two that were alike leave open which is which.
  const targets = found.map(([, name]) => name);
  return new Map(found.filter(([, name]) => targets.indexOf(name) === targets.lastIndexOf(name)));
}

function withNames(map: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  if (names.size === 0) return map;
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      const next = names.get(name);
      return [next !== undefined && !Object.hasOwn(map, next) ? next : name, value];
    }),
  );
}

/** Return theirs without what mine took out, and with what mine put in. */
export function mergeSets<Item extends JsonValue>(
  base: Item[],
  mine: Item[],
  theirs: Item[],
): Item[] {
  const kept = theirs.filter((one) => mine.includes(one) || !base.includes(one));
  return [...kept, ...mine.filter((one) => !theirs.includes(one) && !base.includes(one))];
}

function own(map: Record<string, JsonValue>, name: string): Value {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Whether two values say the same; the order of keys says nothing. */
export function isEqual(one: Value, other: Value): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isEqual(item, other[at]));
  if (isMap(one) && isMap(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
    );
  }
  return Object.is(one, other);
}
