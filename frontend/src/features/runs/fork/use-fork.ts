/** What a fork would do and the starting of it; the report follows what is being changed. */
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { type ForkBody, type ForkReport, type Run, useForkRunMutation } from "@/api/generated";
import { isProblem, type Problem } from "@/shared/lib/problem";

const PAUSE_MS = 300;

export interface Fork {
  report: ForkReport | undefined;
  problem: Problem | undefined;
  isStarting: boolean;
  start: () => Promise<void>;
}

/** `body` is undefined while it cannot be read. */
export function useFork(runId: string, body: ForkBody | undefined): Fork {
  const [ask] = useForkRunMutation();
  const [fork, starting] = useForkRunMutation();
  const navigate = useNavigate();
  const [report, setReport] = useState<ForkReport>();
  const [problem, setProblem] = useState<Problem>();
  const wanted = body && JSON.stringify(body);
  useEffect(() => {
    if (!wanted) return;
    let isWanted = true;
    const timer = setTimeout(async () => {
      const forkBody: ForkBody = { ...JSON.parse(wanted), dry_run: true };
      const answer = await ask({ runId, forkBody });
      if (!isWanted) return;
      const found = answer.data;
      setReport(found && isReport(found) ? found : undefined);
      setProblem(isProblem(answer.error) ? answer.error : undefined);
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [ask, runId, wanted]);
  const start = async () => {
    if (!body) return;
    const made = await fork({ runId, forkBody: body });
    if (made.data && !isReport(made.data)) await navigate(`/runs/${made.data.id}`);
    else if (isProblem(made.error)) setProblem(made.error);
  };
  return { report, problem, isStarting: starting.isLoading, start };
}

function isReport(answer: ForkReport | Run): answer is ForkReport {
  return "tokens_saved" in answer;
}
