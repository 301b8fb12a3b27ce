import { useSearchParams } from "react-router";
import type { ListAuditEntriesApiArg } from "@/api/generated";
import { AUDIT_ACTIONS } from "./audit-actions";

export interface AuditFilter {
  action: string | null;
  outcome: string | null;
  actor: string | null;
  /** Days as an input of dates has them: 2026-01-31. */
  since: string | null;
  until: string | null;
}
const NAMES = ["action", "outcome", "actor", "since", "until"] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What of the log is shown; it stands in the URL, so that it can be sent to somebody. */
export function useAuditFilter() {
  const [search, setSearch] = useSearchParams();
  const filter = Object.fromEntries(
    NAMES.map((name) => [name, search.get(name)]),
  ) as unknown as AuditFilter;
  const change = (changes: Partial<AuditFilter>) => {
    const next = Object.entries({ ...filter, ...changes }).filter(([, value]) => value);
    setSearch(Object.fromEntries(next) as Record<string, string>, { replace: true });
  };
  return { filter, change, isFiltered: NAMES.some((name) => filter[name]) };
}

/** Return what the server is asked for; what it does not know is left out. */
export function auditQuery(filter: AuditFilter): ListAuditEntriesApiArg {
  return {
    action: AUDIT_ACTIONS.find((one) => one === filter.action) ?? null,
    outcome: filter.outcome === "done" || filter.outcome === "refused" ? filter.outcome : null,
    actorId: filter.actor,
    since: startOf(filter.since, 0),
    until: startOf(filter.until, 1),
  };
}

/** Return when a day begins where the person is, or one some days later. */
function startOf(day: string | null, later: number): string | null {
  if (!day || !DAY.test(day)) return null;
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + later);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
