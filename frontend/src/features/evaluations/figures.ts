/** Metrics of evaluations: which there are, which way is better, and how their figures are written. */
import { compactNumber, duration, money, percent } from "@/shared/lib/format";

/** In the order of their worth; the first that a case has says how good it is. */
export const METRICS = [
  "checks",
  "golden",
  "graded",
  "succeeded",
  "seconds",
  "tokens",
  "usd",
] as const;
export type Metric = (typeof METRICS)[number];

/** Between 0 and 1, more is better; of the others less is. */
const SCORES: readonly string[] = ["checks", "golden", "graded", "succeeded"];

export function isScore(metric: string): boolean {
  return SCORES.includes(metric);
}

export function figure(metric: string, value: number): string {
  if (isScore(metric)) return percent(value);
  if (metric === "seconds") return duration(value * 1_000);
  return metric === "usd" ? money(value) : compactNumber(value);
}

/** Return a difference with its sign; shares differ by percentage points. */
export function change(metric: string, value: number): string {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "±";
  const size = Math.abs(value);
  return `${sign}${isScore(metric) ? `${compactNumber(size * 100)} pp` : figure(metric, size)}`;
}

/** Return what is shown of an evaluation in a list: its scores, those of cost left out. */
export function scoresOf(scores: Record<string, number>): [Metric, number][] {
  return METRICS.filter((metric) => isScore(metric) && metric in scores).map((metric) => [
    metric,
    scores[metric] ?? 0,
  ]);
}
