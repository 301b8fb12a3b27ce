/** The cases of an evaluation as rows: each with the run of the version, and of the one it is compared with. */
import type { EvaluationResult, Scored } from "@/api/generated";
import { isScore } from "./figures";

export interface CaseRow {
  name: string;
  now: Scored | undefined;
  before: Scored | undefined;
  /** A check does not hold, or the run did not succeed. */
  isWrong: boolean;
  /** A score is lower than that of the version compared with. */
  isWorse: boolean;
}

export type CaseFilter = "all" | "wrong" | "worse";

export function rowsOf({ cases, cases_before }: EvaluationResult): CaseRow[] {
  const before = new Map(cases_before.map((one) => [one.case, one]));
  const now = new Map(cases.map((one) => [one.case, one]));
  return [...new Set([...now.keys(), ...before.keys()])].map((name) =>
    rowOf(name, now.get(name), before.get(name)),
  );
}

export function shownRows(rows: CaseRow[], filter: CaseFilter): CaseRow[] {
  if (filter === "wrong") return rows.filter(({ isWrong }) => isWrong);
  return filter === "worse" ? rows.filter(({ isWorse }) => isWorse) : rows;
}

function rowOf(name: string, now: Scored | undefined, before: Scored | undefined): CaseRow {
  const isWrong = now !== undefined && (now.failed.length > 0 || now.figures.succeeded === 0);
  const isWorse = Object.entries(before?.figures ?? {}).some(
    ([metric, value]) => isScore(metric) && (now?.figures[metric] ?? value) < value,
  );
  return { name, now, before, isWrong, isWorse };
}
