/** What the figures of the dashboard are called, how they are written, and which list each of them opens. */
import type { Figure, Overview } from "@/api/generated";
import { compactNumber, duration, money, percent } from "@/shared/lib/format";

export const WINDOWS = ["24h", "7d", "30d", "90d"] as const;
export type Window = (typeof WINDOWS)[number];

export function windowOf(text: string | null): Window {
  return WINDOWS.find((one) => one === text) ?? "7d";
}

/** Return the address of the runs that a filter lets through. */
export function runsAt(filter: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filter))
    if (value !== null && value !== undefined) search.set(name, String(value));
  return `/runs?${search}`;
}

export interface Tile {
  name: string;
  value: string;
  change: number | null;
  /** Which way is good news; null when neither is. */
  better: "more" | "less" | null;
  to: string;
}

/** Return the figures that say whether it is healthy, the most telling first. */
export function tilesOf(overview: Overview): Tile[] {
  const { since, until } = overview;
  const span = { from: since, before: until };
  const slow = overview.p95_ms.value;
  return [
    tile("runs", overview.runs, compactNumber, null, runsAt(span)),
    tile("success_rate", overview.success_rate, percent, "more", runsAt(span)),
    tile(
      "failures",
      overview.failures,
      compactNumber,
      "less",
      runsAt({ status: "failed", ...span }),
    ),
    tile("p95_ms", overview.p95_ms, duration, "less", slowerThan(slow, span)),
    tile("usd", overview.usd, money, null, runsAt(span)),
    tile("tokens", overview.tokens, compactNumber, null, runsAt(span)),
  ];
}

function slowerThan(milliseconds: number | null, span: Record<string, string>): string {
  const seconds = milliseconds === null ? null : Math.floor(milliseconds / 1_000);
  return runsAt({ longer_than: seconds, ...span });
}

function tile(
  name: string,
  figure: Figure,
  write: (value: number) => string,
  ...[better, to]: [Tile["better"], string]
): Tile {
  const value = figure.value === null ? "–" : write(figure.value);
  return { name, value, change: figure.change, better, to };
}

/** Whether nothing was ever made or run here. */
export function isNew(overview: Overview): boolean {
  const { in_progress: now } = overview;
  const runs = (overview.runs.value ?? 0) + (overview.runs.before ?? 0);
  const waiting = now.running + now.queued + now.waiting + overview.approvals_waiting;
  return runs + waiting + overview.recent_edits.length === 0;
}
