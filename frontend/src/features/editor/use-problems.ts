/** What is wrong with the open document: found here at once, and by the server a moment later. */
import { useEffect, useMemo, useState } from "react";
import { useSelector } from "react-redux";
import { type DocumentProblem, useValidateSourceMutation } from "@/api/generated";
import type { Workflow } from "@/domain/document/workflow";
import { isLocal, localProblems } from "@/domain/validation/local-problems";
import { isAway, isProblem } from "@/shared/lib/problem";
import { selectDoc, selectDraftCode } from "./editor-slice";

const PAUSE_MS = 350;
const AGAIN_MS = 10_000;

/** Who has judged the present text: the server, this browser until it answers, or this browser as it cannot be reached. */
export type Judge = "server" | "asking" | "browser";

export interface Problems {
  list: DocumentProblem[];
  judge: Judge;
}

export function useProblems(): Problems {
  const { source } = useSelector(selectDoc);
  const draft = useSelector(selectDraftCode);
  const judged = useServerProblems(draft ?? source);
  const isCurrent = judged.source === (draft ?? source);
  const list = useMemo(() => {
    if (isCurrent) return judged.problems;
    const known = judged.problems.filter((problem) => !isLocal(problem));
    return [...localProblems(draft ?? source), ...(draft ? [] : known)].toSorted(byPlace);
  }, [isCurrent, judged, source, draft]);
  return { list, judge: isCurrent ? "server" : judged.isAway ? "browser" : "asking" };
}

interface Judged {
  source: string | undefined;
  problems: DocumentProblem[];
  /** Asked for a newer text, it did not answer. */
  isAway: boolean;
}

function useServerProblems(source: string): Judged {
  const [validate] = useValidateSourceMutation();
  const [judged, setJudged] = useState<Judged>({ source: undefined, problems: [], isAway: false });
  useEffect(() => {
    let isStale = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      timer = undefined;
      const { data, error } = await validate({ validateSource: { source } });
      if (isStale) return;
      if (data) setJudged({ source, problems: data.problems, isAway: false });
      if (!isProblem(error) || !isAway(error)) return;
      setJudged((known) => ({ ...known, isAway: true }));
      timer = setTimeout(ask, AGAIN_MS);
    };
    const askNow = () => {
      if (timer === undefined) return;
      clearTimeout(timer);
      void ask();
    };
    timer = setTimeout(ask, PAUSE_MS);
    addEventListener("online", askNow);
    return () => {
      isStale = true;
      clearTimeout(timer);
      removeEventListener("online", askNow);
    };
  }, [source, validate]);
  return judged;
}

function byPlace(one: DocumentProblem, other: DocumentProblem): number {
  return one.line - other.line || one.column - other.column;
}

/** Return how many errors and warnings each step has, by its path. */
export function problemsByStep(workflow: Workflow, problems: readonly DocumentProblem[]) {
  const counts = new Map<string, { errors: number; warnings: number }>();
  for (const problem of problems) {
    const path = stepOfProblem(workflow, problem.path);
    if (!path) continue;
    const count = counts.get(path) ?? { errors: 0, warnings: 0 };
    if (problem.severity === "error") count.errors += 1;
    else count.warnings += 1;
    counts.set(path, count);
  }
  return counts;
}

/** Return the innermost step that a place of the document belongs to. */
export function stepOfProblem(workflow: Workflow, place: string): string | undefined {
  let path = place.replace(/\[\d+\].*$/, "");
  while (path) {
    if (workflow.byPath.has(path)) return path;
    path = path.slice(0, Math.max(0, path.lastIndexOf(".")));
  }
  return undefined;
}
