/** The filter of the list of runs as it stands in the URL, where every link to a filtered list finds it. */
import type { ListRunsApiArg, RunStatus } from "@/api/generated";

export const STATUSES: RunStatus[] = [
  "queued",
  "running",
  "waiting",
  "paused",
  "succeeded",
  "failed",
  "cancelled",
];

/** Parts of the filter beside the state; what cannot be read filters nothing. */
export interface RunFilters {
  status: RunStatus | undefined;
  workflow: string | undefined;
  from: string | undefined;
  before: string | undefined;
  /** Seconds. */
  longer_than: number | undefined;
}

export function filtersOf(search: URLSearchParams): RunFilters {
  const seconds = Number(search.get("longer_than") ?? Number.NaN);
  return {
    status: STATUSES.find((one) => one === search.get("status")),
    workflow: search.get("workflow") || undefined,
    from: timeOf(search.get("from")),
    before: timeOf(search.get("before")),
    longer_than: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined,
  };
}

export function queryOf(filters: RunFilters): ListRunsApiArg {
  const { status, workflow, from, before, longer_than } = filters;
  return {
    ...(status && { status: [status] }),
    ...(workflow && { workflowId: workflow }),
    ...(from && { createdFrom: from }),
    ...(before && { createdBefore: before }),
    ...(longer_than !== undefined && { longerThanS: longer_than }),
  };
}

function timeOf(text: string | null): string | undefined {
  const time = text ? new Date(text) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
