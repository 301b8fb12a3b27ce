/** When the open document is saved: after a pause, when the network is back, and before the page goes. */
import { useEffect, useRef } from "react";

const PAUSE_MS = 800;
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

interface Timing {
  save: () => Promise<boolean>;
  isDirty: boolean;
  /** Each one begins the pause anew. */
  revision: number;
  isBlocked: boolean;
  /** How often it has failed in a row. */
  failures: number;
}

/** Return how long to wait for the next try: longer after each failure. */
export function pauseAfter(failures: number): number {
  return failures === 0
    ? PAUSE_MS
    : Math.min(RETRY_MS * 2 ** Math.min(failures, 10), LONGEST_RETRY_MS);
}

export function useSavingInTime({ save, isDirty, revision, isBlocked, failures }: Timing): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each revision starts the pause again
  useEffect(() => {
    if (!isDirty || isBlocked) return;
    const timer = setTimeout(save, pauseAfter(failures));
    return () => clearTimeout(timer);
  }, [isDirty, isBlocked, failures, revision, save]);
  useEffect(() => {
    if (!isDirty || isBlocked) return;
    const now = () => void save();
    const onHidden = () => document.visibilityState === "hidden" && now();
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("online", now);
    addEventListener("beforeunload", onLeave);
    document.addEventListener("visibilitychange", onHidden);
    return () => {
      removeEventListener("online", now);
      removeEventListener("beforeunload", onLeave);
      document.removeEventListener("visibilitychange", onHidden);
    };
  }, [isDirty, isBlocked, save]);
  useSavingOnLeaving(save, isDirty && !isBlocked);
}

/** Another page of the application is opened: what is not saved yet is saved then. */
function useSavingOnLeaving(save: () => Promise<boolean>, isWanted: boolean): void {
  const latest = useRef({ save, isWanted });
  latest.current = { save, isWanted };
  useEffect(
    () => () => {
      if (latest.current.isWanted) void latest.current.save();
    },
    [],
  );
}
