/** What the list of runs is filtered by: as links say it, as the gateway is asked, and as the line has it. */
import type { ListRunsApiArg, RunStatus } from "@/api/generated";
import { writeQuery } from "./run-query";

export const STATUSES: RunStatus[] = [
  "queued",
  "running",
  "waiting",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
];

/** What cannot be read filters nothing. */
export interface RunFilters {
  statuses: RunStatus[];
  /** In the name of the workflow, or how the id of the run begins. */
  text?: string | undefined;
  /** An id, as links have it. */
  workflow?: string | undefined;
  /** `name=value`. */
  label?: string | undefined;
  from?: string | undefined;
  before?: string | undefined;
  /** Seconds. */
  longer_than?: number | undefined;
  shorter_than?: number | undefined;
}

/** Return the line of an address: its own, else what the parts say that links of other pages have. */
export function lineOf(search: URLSearchParams): string {
  return search.get("q") ?? writeQuery(filtersOf(search));
}

function filtersOf(search: URLSearchParams): RunFilters {
  const seconds = Number(search.get("longer_than") ?? Number.NaN);
  return {
    statuses: STATUSES.filter((one) => search.getAll("status").includes(one)),
    workflow: search.get("workflow") || undefined,
    from: timeOf(search.get("from")),
    before: timeOf(search.get("before")),
    longer_than: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined,
  };
}

export function queryOf(filters: RunFilters): ListRunsApiArg {
  const { statuses, text, workflow, label, from, before, longer_than, shorter_than } = filters;
  return {
    ...(statuses.length > 0 && { status: statuses }),
    ...(text && { text }),
    ...(workflow && { workflowId: workflow }),
    ...(label && { label }),
    ...(from && { createdFrom: from }),
    ...(before && { createdBefore: before }),
    ...(longer_than !== undefined && { longerThanS: longer_than }),
    ...(shorter_than !== undefined && { shorterThanS: shorter_than }),
  };
}

function timeOf(text: string | null): string | undefined {
  const time = text ? new Date(text) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
