/** All events of a run, as many as there are by now; with news of the run the rest is asked for. */
import { useEffect, useRef, useState } from "react";
import { api } from "@/api/api";
import type { ListRunEventsApiArg, RunEventList } from "@/api/generated";
import type { RunEvent } from "@/domain/runs/apply-event";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem, type Problem, unanswered } from "@/shared/lib/problem";

const PAGE = 5_000;
const BEGIN = "0";

export function useRunEvents(runId: string, news: string) {
  const dispatch = useAppDispatch();
  const [events, setEvents] = useState<readonly RunEvent[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const after = useRef(BEGIN);
  // biome-ignore lint/correctness/useExhaustiveDependencies: news of the run is the reason to ask
  useEffect(() => {
    let isStale = false;
    const page = async (): Promise<RunEvent[]> => {
      const wanted: ListRunEventsApiArg = { runId, after: after.current, limit: PAGE };
      const { data, error }: { data?: RunEventList; error?: unknown } = await dispatch(
        api.endpoints.listRunEvents.initiate(wanted, { forceRefetch: true, subscribe: false }),
      );
      if (isStale) return [];
      setProblem(data ? undefined : isProblem(error) ? error : unanswered());
      return data?.items ?? [];
    };
    const ask = async () => {
      const found = await page();
      if (isStale || found.length === 0) return;
      after.current = cursorOf(found.at(-1)) ?? after.current;
      setEvents((known) => [...known, ...found]);
      if (found.length === PAGE) await ask();
    };
    void ask();
    return () => {
      isStale = true;
    };
  }, [runId, news, dispatch]);
  return { events, problem };
}

function cursorOf(event: RunEvent | undefined): string | undefined {
  return event && "seq" in event ? `${event.epoch}:${event.seq}` : undefined;
}
