/** What the report is about, as it stands in the URL: the days, and by what it is grouped. */
import { useSearchParams } from "react-router";
import type { UsageReport } from "@/api/generated";

export type Group = UsageReport["group_by"][number];

export const GROUPS: Group[] = ["day", "workflow", "step", "agent", "model", "user"];
const FIRST: Group[] = ["workflow", "model"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export interface UsageQuery {
  groups: Group[];
  since: string | null;
  until: string | null;
}

export function usageQueryOf(search: URLSearchParams): UsageQuery {
  const asked = search.getAll("by");
  const groups = GROUPS.filter((one) => asked.includes(one));
  const day = (name: string) => DAY.exec(search.get(name) ?? "")?.[0] ?? null;
  return { groups: groups.length > 0 ? groups : FIRST, since: day("since"), until: day("until") };
}

export function useUsageQuery() {
  const [search, setSearch] = useSearchParams();
  const query = usageQueryOf(search);
  const change = (part: Partial<UsageQuery>) => {
    const { groups, since, until } = { ...query, ...part };
    const next = new URLSearchParams(groups.map((one) => ["by", one]));
    if (since) next.set("since", since);
    if (until) next.set("until", until);
    setSearch(next, { replace: true });
  };
  return { query, change };
}
