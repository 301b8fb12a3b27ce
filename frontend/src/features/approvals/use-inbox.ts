/** Which items are listed and which one is looked at: both stand in the URL. */
import { useRef } from "react";
import { useSearchParams } from "react-router";
import type { Approval, ListApprovalsApiArg } from "@/api/generated";

export type Filter = "mine" | "open" | "decided" | "all";
export const MOST = 100;
export const EVERY_MS = 10_000;

/** What the asking person may decide now; the navigation counts the same. */
export const MINE: ListApprovalsApiArg = { status: "open", mine: true, limit: MOST };

export function filterQuery(filter: Filter, runId: string | null): ListApprovalsApiArg {
  const query = filter === "mine" ? MINE : { status: filter, limit: MOST };
  return runId ? { ...query, runId } : query;
}

function filterOf(text: string | null): Filter {
  return text === "open" || text === "decided" || text === "all" ? text : "mine";
}

export function useInbox(items: Approval[]) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("item");
  const last = useRef(0);
  const selected = asked ?? items[0]?.id ?? null;
  const position = items.findIndex((item) => item.id === selected);
  if (position >= 0) last.current = position;

  const change = (name: string, value: string | null) =>
    setSearch(
      (known) => {
        const next = new URLSearchParams(known);
        if (value === null) next.delete(name);
        else next.set(name, value);
        if (name === "show") next.delete("item");
        return next;
      },
      { replace: true },
    );
  /** Look at the item so many places on; one that has left the list leaves its place to the next. */
  const go = (by: 1 | -1) => {
    const from = position >= 0 ? position + by : last.current + Math.min(0, by);
    const found = items[Math.max(0, Math.min(items.length - 1, from))];
    if (found) change("item", found.id);
  };
  return {
    filter: filterOf(search.get("show")),
    runId: search.get("run_id"),
    asked,
    selected,
    go,
    look: (id: string) => change("item", id),
    back: () => change("item", null),
    setFilter: (filter: Filter) => change("show", filter === "mine" ? null : filter),
  };
}
