/** Three layouts to one: places are the last mover's, words and pinned data are asked about. */
import type { JsonValue } from "../expressions/values";
import type { Group, Layout, Note, Point } from "../layout/layout";
import { isEqual, type Merging, mergeSets, mergeValues } from "./merge-data";

interface Layouts {
  base: Layout;
  mine: Layout;
  theirs: Layout;
}

export function mergeLayouts({ base, mine, theirs }: Layouts, merging: Merging): Layout {
  const pins = { base: base.pins, mine: mine.pins, theirs: theirs.pins };
  return {
    version: 1,
    nodes: mergeRecords<Point>([base.nodes, mine.nodes, theirs.nodes], (three) => three.mine),
    notes: mergeLists([base.notes, mine.notes, theirs.notes], (three) =>
      mergeNotes(three, merging),
    ),
    groups: mergeLists([base.groups, mine.groups, theirs.groups], mergeGroups),
    pins: mergeValues(pins, ["layout", "pins"], merging) as Layout["pins"],
  };
}

interface Both<Item> {
  base: Item | undefined;
  mine: Item;
  theirs: Item;
}

function mergeNotes({ base, mine, theirs }: Both<Note>, merging: Merging): Note {
  const texts = { base: base?.text, mine: mine.text, theirs: theirs.text };
  const text = mergeValues(texts, ["layout", "notes", mine.id, "text"], merging);
  return { ...lastMover(base, mine, theirs), text: String(text) };
}

function mergeGroups({ base, mine, theirs }: Both<Group>): Group {
  const members = mergeSets(base?.members ?? [], mine.members, theirs.members);
  return { ...lastMover(base, mine, theirs), members };
}

/** Mine, with what only they have changed. */
function lastMover<Item extends object>(base: Item | undefined, mine: Item, theirs: Item): Item {
  const names = Object.keys(mine) as (keyof Item)[];
  const changed = names.filter((name) => base && Object.is(mine[name], base[name]));
  return { ...mine, ...Object.fromEntries(changed.map((name) => [name, theirs[name]])) };
}

function mergeLists<Item extends { id: string }>(
  lists: readonly Item[][],
  merge: (both: Both<Item>) => Item,
): Item[] {
  const records = lists.map((list) => Object.fromEntries(list.map((item) => [item.id, item])));
  return Object.values(mergeRecords(records, merge));
}

/** What one side removed and the other changed stays: nothing is lost, and it can be removed again. */
function mergeRecords<Item extends object>(
  records: readonly Record<string, Item>[],
  merge: (both: Both<Item>) => Item,
): Record<string, Item> {
  const [base = {}, mine = {}, theirs = {}] = records;
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])];
  const merged = names.flatMap((name) => {
    const [old, own, other] = [base[name], mine[name], theirs[name]];
    const found =
      own && other ? mergeTwo({ base: old, mine: own, theirs: other }, merge) : (own ?? other);
    const isRemoved = old !== undefined && (!own || !other) && isSame(found, old);
    return found === undefined || isRemoved ? [] : [[name, found] as const];
  });
  return Object.fromEntries(merged);
}

function mergeTwo<Item extends object>(both: Both<Item>, merge: (both: Both<Item>) => Item): Item {
  if (isSame(both.mine, both.base)) return both.theirs;
  if (isSame(both.theirs, both.base)) return both.mine;
  return merge(both);
}

function isSame(one: object | undefined, other: object | undefined): boolean {
  return one === other || isEqual(plain(one), plain(other));
}

function plain(value: object | undefined): JsonValue | undefined {
  return value as JsonValue | undefined;
}
