/** Which memories are shown stands in the address, and which of them is open. */
import { useMemo } from "react";
import { useSearchParams } from "react-router";

export const FILTERS = ["query", "collection", "agent", "workflow", "run"] as const;
export type FilterName = (typeof FILTERS)[number];

export function useMemoryFilter() {
  const [address, setAddress] = useSearchParams();
  const change = (to: Partial<Record<FilterName | "memory", string | null>>) => {
    const next = new URLSearchParams(address);
    for (const [name, value] of Object.entries(to)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setAddress(next, { replace: true });
  };
  const text = address.toString();
  const filter = useMemo(() => {
    const known = new URLSearchParams(text);
    const get = (name: FilterName) => known.get(name) || null;
    return {
      query: get("query"),
      collection: get("collection"),
      agent: get("agent"),
      workflowId: get("workflow"),
      runId: get("run"),
    };
  }, [text]);
  const isFiltered = Object.values(filter).some((value) => value !== null);
  return { filter, isFiltered, shown: address.get("memory"), change };
}
