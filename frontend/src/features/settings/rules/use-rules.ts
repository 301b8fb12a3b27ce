import { useState } from "react";
import {
  type Rule,
  type RuleSet,
  useLazyGetRulesQuery,
  useReplaceRulesMutation,
} from "@/api/generated";
import type { Conflict } from "@/shared/hooks/use-merging";
import { isProblem } from "@/shared/lib/problem";
import { differences, withMine } from "@/shared/lib/three-way";

/** Somebody else saved meanwhile. */
const STALE = 412;
/** Stands before each name: an object would sort names that are numbers before all others. */
const KEY = "rule ";

/** A rule while it is edited; the key stays with it when it moves or gets another name. */
export interface DraftRule {
  key: number;
  rule: Rule;
}

let lastKey = 0;
function drafted(rule: Rule): DraftRule {
  lastKey += 1;
  return { key: lastKey, rule };
}

/** Rules by their names, which is how two people's changes are put together. */
type Named = Record<string, Rule>;

/** Return the key of a rule; one whose name is taken, or still missing, is told apart by a number. */
function named(rules: Rule[]): Named {
  const found: Named = {};
  for (const rule of rules) {
    let key = `${KEY}${rule.name}`;
    for (let number = 2; key in found; number += 1) key = `${KEY}${rule.name} (${number})`;
    found[key] = rule;
  }
  return found;
}

/** Return what a rule is called in a conflict. */
export function nameOfKey(key: string): string {
  return key.slice(KEY.length);
}

/** The rules as they are edited: nothing counts before all of them are saved together. */
export function useRules(loaded: RuleSet) {
  const [base, setBase] = useState(loaded);
  const [theirs, setTheirs] = useState<RuleSet>();
  const [drafts, setDrafts] = useState(() => loaded.items.map(drafted));
  const [replace, { error, isLoading, reset }] = useReplaceRulesMutation();
  const [read] = useLazyGetRulesQuery();
  const rules = drafts.map(({ rule }) => rule);
  const restart = (next: RuleSet, items = next.items) => {
    setBase(next);
    setDrafts(items.map(drafted));
    setTheirs(undefined);
  };
  const save = async () => {
    const done = await replace({ "if-match": base.etag, saveRules: { items: rules } });
    if (done.data) restart(done.data);
    else if (isProblem(done.error) && done.error.status === STALE)
      setTheirs(
        await read()
          .unwrap()
          .catch(() => undefined),
      );
  };
  return {
    drafts,
    error,
    isLoading,
    isChanged: JSON.stringify(rules) !== JSON.stringify(base.items),
    conflict: theirs && conflictOf(base.items, theirs, rules, restart),
    /** The refusal has been answered. */
    forget: reset,
    problemOf: (number: number, field: string) => fieldProblem(error, `items.${number}.${field}`),
    change: (key: number, rule: Rule) =>
      setDrafts(drafts.map((one) => (one.key === key ? { key, rule } : one))),
    add: (rule: Rule) => setDrafts([...drafts, drafted(rule)]),
    remove: (key: number) => setDrafts(drafts.filter((one) => one.key !== key)),
    move: (number: number, by: -1 | 1) => setDrafts(moved(drafts, number, by)),
    save,
  };
}

function conflictOf(
  before: Rule[],
  theirs: RuleSet,
  mine: Rule[],
  restart: (next: RuleSet, items?: Rule[]) => void,
): Conflict {
  const [known, now, own] = [named(before), named(theirs.items), named(mine)];
  return {
    isGone: false,
    changes: differences(known, now, own),
    keep: () => restart(theirs, Object.values(withMine(known, now, own))),
    take: () => restart(theirs),
  };
}

function fieldProblem(error: unknown, path: string): string | undefined {
  if (!isProblem(error)) return undefined;
  return error.errors.find((one) => one.path.endsWith(path))?.message;
}

function moved<T>(items: T[], from: number, by: -1 | 1): T[] {
  const next = [...items];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(from + by, 0, item);
  return next;
}
