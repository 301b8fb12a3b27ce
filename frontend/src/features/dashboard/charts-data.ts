/** What the charts draw and their tables list: rows with a label, a list to open, and a number for each series. */
import type { Overview } from "@/api/generated";
import { runsAt } from "./figures";

export const METRICS = ["runs", "tokens", "usd"] as const;
export type Metric = (typeof METRICS)[number];
export type Group = "time" | "workflow" | "model";
export type SeriesName =
  | "succeeded"
  | "failed"
  | "cancelled"
  | "unfailed"
  | "calls"
  | "tokens"
  | "usd";

export interface ChartRow {
  key: string;
  label: string;
  /** The list of its runs; runs are not listed by model. */
  to: string | null;
  values: Partial<Record<SeriesName, number>>;
}

export interface ChartData {
  group: Group;
  series: SeriesName[];
  rows: ChartRow[];
}

const HOUR_MS = 3_600_000;

export function chartsOf(overview: Overview, metric: Metric): ChartData[] {
  return [byTime(overview, metric), byWorkflow(overview, metric), byModel(overview, metric)];
}

function byTime({ series, unit }: Overview, metric: Metric): ChartData {
  const length = unit === "hour" ? HOUR_MS : 24 * HOUR_MS;
  const write = timeFormat(unit);
  const rows = series.map((point) => {
    const start = new Date(point.at);
    const before = new Date(start.getTime() + length).toISOString();
    const { succeeded, failed, cancelled, tokens, usd } = point;
    return {
      key: point.at,
      label: write.format(start),
      to: runsAt({ from: start.toISOString(), before }),
      values: { succeeded, failed, cancelled, tokens, usd },
    };
  });
  const runs: SeriesName[] = ["succeeded", "failed", "cancelled"];
  return { group: "time", series: metric === "runs" ? runs : [metric], rows };
}

function byWorkflow({ workflows, since, until }: Overview, metric: Metric): ChartData {
  const rows = workflows.map(({ workflow, runs, failed, tokens, usd }) => ({
    key: workflow.id,
    label: workflow.name,
    to: runsAt({ workflow: workflow.id, from: since, before: until }),
    values: { unfailed: runs - failed, failed, tokens, usd },
  }));
  return { group: "workflow", series: metric === "runs" ? ["unfailed", "failed"] : [metric], rows };
}

function byModel({ models }: Overview, metric: Metric): ChartData {
  const rows = models.map(({ model, calls, tokens, usd }) => ({
    key: model,
    label: model,
    to: null,
    values: { calls, tokens, usd },
  }));
  return { group: "model", series: [metric === "runs" ? "calls" : metric], rows };
}

/** Days are those of UTC, as they were summed; hours are those of the person. */
function timeFormat(unit: Overview["unit"]): Intl.DateTimeFormat {
  const language = document.documentElement.lang || "en";
  return unit === "hour"
    ? new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" })
    : new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
}
