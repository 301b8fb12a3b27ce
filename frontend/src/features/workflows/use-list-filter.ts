/** What the list of workflows is filtered by, as it stands in the URL. */
import { useSearchParams } from "react-router";
import type { WorkflowSummary } from "@/api/generated";

export const STATES = ["published", "unpublished", "invalid"] as const;
export type State = (typeof STATES)[number];

export interface ListFilter {
  /** `name=value`. */
  label: string | null;
  state: State | null;
}

export function useListFilter() {
  const [search, setSearch] = useSearchParams();
  const filter: ListFilter = {
    label: /^[^=]{1,100}=.{0,200}$/.exec(search.get("label") ?? "")?.[0] ?? null,
    state: STATES.find((one) => one === search.get("state")) ?? null,
  };
  const change = (part: Partial<ListFilter>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(part))
      if (value) next.set(name, value);
      else next.delete(name);
    setSearch(next, { replace: true });
  };
  return { filter, change };
}

/** Return the labels of workflows as `name=value`, each once, in order. */
export function labelsOf(items: WorkflowSummary[]): string[] {
  const all = items.flatMap(({ labels }) =>
    Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  );
  return [...new Set(all)].toSorted();
}

/** Whether title or name have all the words. */
export function isMatch(item: WorkflowSummary, search: string): boolean {
  const text = `${item.title} ${item.name}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
