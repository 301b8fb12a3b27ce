/** The line of the list as it stands in the address, and what it asks the gateway for. */
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { lineOf, queryOf } from "./run-filters";
import { readQuery } from "./run-query";

export function useRunQuery() {
  const [search, setSearch] = useSearchParams();
  const line = lineOf(search);
  // What is said by its distance from now stays where it was while the page asks again.
  const { filters, faults } = useMemo(() => readQuery(line), [line]);
  const query = useMemo(() => queryOf(filters), [filters]);
  const setLine = (next: string) =>
    setSearch(next.trim() ? { q: next.trim() } : {}, { replace: true });
  return { line, filters, faults, query, setLine };
}
