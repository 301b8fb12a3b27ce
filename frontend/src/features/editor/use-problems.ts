/** What is wrong with the open document: found here at once, and by the server a moment later. */
import { useEffect, useMemo, useState } from "react";
import { useSelector } from "react-redux";
import { type DocumentProblem, useValidateSourceMutation } from "@/api/generated";
import type { Workflow } from "@/domain/document/workflow";
import { isLocal, localProblems } from "@/domain/validation/local-problems";
import { selectDoc, selectDraftCode } from "./editor-slice";

const PAUSE_MS = 350;

export interface Problems {
  list: DocumentProblem[];
  /** Whether the server has judged the present text. */
  isCurrent: boolean;
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
  return { list, isCurrent };
}

function useServerProblems(source: string) {
  const [validate] = useValidateSourceMutation();
  const [judged, setJudged] = useState<{ source: string | undefined; problems: DocumentProblem[] }>(
    {
      source: undefined,
      problems: [],
    },
  );
  useEffect(() => {
    let isStale = false;
    const timer = setTimeout(async () => {
      const answer = await validate({ validateSource: { source } });
      if (!isStale && answer.data) setJudged({ source, problems: answer.data.problems });
    }, PAUSE_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
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
