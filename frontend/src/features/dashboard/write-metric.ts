import { compactNumber, money } from "@/shared/lib/format";
/** How the numbers of charts and their tables are written. */
import type { Metric } from "./charts-data";

export function writeMetric(metric: Metric, value: number): string {
  return metric === "usd" ? money(value) : compactNumber(value);
}
