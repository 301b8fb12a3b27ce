/** Looks at a run again: where its events stand now, and the clock that moves them on. Nothing is carried out. */
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/api/api";
import type { ListRunEventsApiArg, RunEventList } from "@/api/generated";
import type { RunEvent } from "@/domain/runs/apply-event";
import type { Recording } from "@/domain/runs/playback";
import type { RunView } from "@/domain/runs/run-view";
import { RecordedTexts } from "@/realtime/recorded-texts";
import type { TextStore } from "@/realtime/text-store";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { arriving } from "@/shared/lib/late";
import { isProblem, type Problem, unanswered } from "@/shared/lib/problem";

const TICK_MS = 100;
const PAGE = 5_000;

export interface Playback {
  recording: Recording | undefined;
  isLoading: boolean;
  problem: Problem | undefined;
  /** How many events have happened where one looks. */
  count: number;
  isPlaying: boolean;
  speed: number;
  run: RunView | undefined;
  texts: TextStore | undefined;
  begin: () => Promise<void>;
  leave: () => void;
  seek: (count: number) => void;
  play: (isPlaying: boolean) => void;
  setSpeed: (speed: number) => void;
}

export function usePlayback(runId: string): Playback {
  const { recording, isLoading, problem, load, forget } = useRecording(runId);
  const [count, setCount] = useState(0);
  const [isPlaying, setIsPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const texts = useMemo(() => recording && new RecordedTexts(recording.events), [recording]);
  const run = useMemo(() => recording?.at(count), [recording, count]);
  useEffect(() => texts?.show(count), [texts, count]);
  const elapsed = useRef(0);
  useEffect(() => {
    if (!isPlaying || !recording) return;
    const timer = setInterval(() => {
      elapsed.current += TICK_MS * speed;
      const next = recording.countAt(elapsed.current);
      setCount(next);
      if (next >= recording.events.length) setIsPlaying(false);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [isPlaying, recording, speed]);
  const seek = (next: number) => {
    elapsed.current = recording?.timeOf(next) ?? 0;
    setCount(next);
  };
  const begin = async () => {
    seek(0);
    await load();
  };
  const leave = () => {
    setIsPlaying(false);
    forget();
  };
  const play = (wanted: boolean) => {
    if (wanted && recording && count >= recording.events.length) seek(0);
    setIsPlaying(wanted);
  };
  const ways = { begin, leave, seek, play, setSpeed };
  return {
    recording,
    isLoading,
    problem,
    count,
    isPlaying,
    speed,
    run,
    texts: texts?.store,
    ...ways,
  };
}

function useRecording(runId: string) {
  const dispatch = useAppDispatch();
  const [recording, setRecording] = useState<Recording>();
  const [isLoading, setIsLoading] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const load = async () => {
    setIsLoading(true);
    setProblem(undefined);
    const events: RunEvent[] = [];
    let after: string | null = "0";
    while (after) {
      const wanted: ListRunEventsApiArg = { runId, after, limit: PAGE };
      const page: { data?: RunEventList; error?: unknown } = await dispatch(
        api.endpoints.listRunEvents.initiate(wanted, { forceRefetch: true, subscribe: false }),
      );
      if (!page.data) {
        setProblem(isProblem(page.error) ? page.error : unanswered());
        setIsLoading(false);
        return;
      }
      events.push(...page.data.items);
      after = page.data.items.length > 0 ? page.data.next_cursor : null;
    }
    const made = await arriving(() => import("@/domain/runs/playback"));
    setRecording(new made.Recording(runId, events));
    setIsLoading(false);
  };
  return { recording, isLoading, problem, load, forget: () => setRecording(undefined) };
}
