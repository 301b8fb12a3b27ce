/** The line that filters runs, such as `status:error workflow:"city brief" duration:>5s since:7d`. */
import type { RunStatus } from "@/api/generated";
import type { RunFilters } from "./run-filters";

const STATUS_WORDS: Record<string, RunStatus> = {
  queued: "queued",
  running: "running",
  waiting: "waiting",
  paused: "paused",
  cancelling: "cancelling",
  succeeded: "succeeded",
  success: "succeeded",
  ok: "succeeded",
  failed: "failed",
  failure: "failed",
  error: "failed",
  cancelled: "cancelled",
  canceled: "cancelled",
};
const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3_600, d: 86_400 };
const WORD = /([a-z_]+):("[^"]*"|\S*)|"[^"]*"|\S+/gi;

/** What of a line cannot be read; the word is shown with it. */
export interface QueryFault {
  kind: "key" | "status" | "duration" | "time" | "label" | "text";
  word: string;
}

export interface ReadQuery {
  filters: RunFilters;
  faults: QueryFault[];
}

type Reader = (value: string, filters: RunFilters, now: number) => QueryFault["kind"] | undefined;

const READERS: Record<string, Reader> = {
  status: (value, filters) => {
    for (const word of value.toLowerCase().split(",")) {
      const status = STATUS_WORDS[word];
      if (!status) return "status";
      if (!filters.statuses.includes(status)) filters.statuses.push(status);
    }
    return undefined;
  },
  workflow: (value, filters) => {
    if (!value || filters.text) return "text";
    filters.text = value;
    return undefined;
  },
  workflow_id: (value, filters) => {
    filters.workflow = value || undefined;
    return value ? undefined : "text";
  },
  label: (value, filters) => {
    if (!/^[^=]{1,100}=.{0,200}$/.test(value)) return "label";
    filters.label = value;
    return undefined;
  },
  duration: (value, filters) => {
    const [, sign, amount, unit = "s"] =
      /^([<>])=?(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/.exec(value) ?? [];
    if (!sign) return "duration";
    const seconds = Number(amount) * (SECONDS[unit] ?? 1);
    if (sign === ">") filters.longer_than = seconds;
    else filters.shorter_than = seconds;
    return undefined;
  },
  since: (value, filters, now) => {
    filters.from = timeOf(value, now);
    return filters.from ? undefined : "time";
  },
  before: (value, filters, now) => {
    filters.before = timeOf(value, now);
    return filters.before ? undefined : "time";
  },
};

/** Read a line; words without a key are looked for in the workflow's name and in how the id begins. */
export function readQuery(line: string, now = Date.now()): ReadQuery {
  const filters: RunFilters = { statuses: [] };
  const faults: QueryFault[] = [];
  const loose: string[] = [];
  for (const [word, key, value = ""] of line.matchAll(WORD)) {
    if (!key) {
      loose.push(unquoted(word));
      continue;
    }
    const kind = READERS[key.toLowerCase()]?.(unquoted(value), filters, now);
    if (kind || !(key.toLowerCase() in READERS)) faults.push({ kind: kind ?? "key", word });
  }
  if (loose.length > 0 && filters.text) faults.push({ kind: "text", word: loose.join(" ") });
  else if (loose.length > 0) filters.text = loose.join(" ");
  return { filters, faults };
}

/** Write filters as a line that reads as the same. */
export function writeQuery(filters: RunFilters): string {
  const { statuses, text, workflow, label, from, before, longer_than, shorter_than } = filters;
  const words = [
    statuses.length > 0 && `status:${statuses.join(",")}`,
    text && `workflow:${quoted(text)}`,
    workflow && `workflow_id:${quoted(workflow)}`,
    label && `label:${quoted(label)}`,
    longer_than !== undefined && `duration:>${lengthOf(longer_than)}`,
    shorter_than !== undefined && `duration:<${lengthOf(shorter_than)}`,
    from && `since:${from}`,
    before && `before:${before}`,
  ];
  return words.filter(Boolean).join(" ");
}

/** Return the line with another state, or with none; the rest stays as it was typed. */
export function withStatus(line: string, status: string | null): string {
  const rest = line.replace(/(^|\s)status:("[^"]*"|\S*)/gi, " ").trim();
  return [status && `status:${status}`, rest.replace(/\s+/g, " ")].filter(Boolean).join(" ");
}

function timeOf(value: string, now: number): string | undefined {
  const [, amount, unit = ""] = /^(\d+)(m|min|h|d)$/.exec(value) ?? [];
  if (amount) return new Date(now - Number(amount) * (SECONDS[unit] ?? 0) * 1_000).toISOString();
  // A day begins where the person is.
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00` : value);
  return /^\d{4}-/.test(value) && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}

function lengthOf(seconds: number): string {
  const unit = [86_400, 3_600, 60].find((one) => seconds > 0 && seconds % one === 0) ?? 1;
  return `${seconds / unit}${{ 86400: "d", 3600: "h", 60: "m", 1: "s" }[unit]}`;
}

function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}

function unquoted(value: string): string {
  return value.replaceAll('"', "");
}
