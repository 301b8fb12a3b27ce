/** Watches a run while a page shows it; two pages share one feed, and a short absence keeps it. */

import { useEffect, useState, useSyncExternalStore } from "react";
import { hasToken, onSessionEnd } from "@/api/access-token";
import type { RunView } from "@/domain/runs/run-view";
import { socketLine } from "./line";
import { RunFeed } from "./run-feed";
import { type ConnectionState, connectionState, onConnection } from "./socket";

const LINGER_MS = 5_000;

interface Kept {
  feed: RunFeed;
  users: number;
  ending: ReturnType<typeof setTimeout> | undefined;
}
const feeds = new Map<string, Kept>();

// What a page still shows goes on when the same person is back; nobody else ever sees it.
onSessionEnd((ending) => {
  for (const [runId, kept] of feeds) if (ending === "other" || kept.users === 0) end(runId, kept);
});

function end(runId: string, kept: Kept): void {
  clearTimeout(kept.ending);
  if (feeds.get(runId) !== kept) return;
  feeds.delete(runId);
  kept.feed.stop();
}

function keptFeed(runId: string): Kept {
  const known = feeds.get(runId);
  if (known) return known;
  const feed = new RunFeed(runId, socketLine());
  const kept: Kept = { feed, users: 0, ending: undefined };
  feeds.set(runId, kept);
  feed.start();
  return kept;
}

export function useRunFeed(runId: string): { feed: RunFeed; run: RunView } {
  const [{ feed }] = useState(() => keptFeed(runId));
  useEffect(() => {
    const kept = keptFeed(runId);
    kept.users += 1;
    clearTimeout(kept.ending);
    // Others may have set it going while nobody looked here.
    const look = () => document.visibilityState === "visible" && followAgain(runId);
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
      kept.users -= 1;
      if (kept.users > 0) return;
      if (hasToken()) kept.ending = setTimeout(() => end(runId, kept), LINGER_MS);
      else end(runId, kept);
    };
  }, [runId]);
  const run = useSyncExternalStore(feed.subscribe, feed.snapshot);
  return { feed, run };
}

/** Somebody set a run going that had ended; it is followed again where it is shown. */
export function followAgain(runId: string): void {
  feeds.get(runId)?.feed.askAgain();
}

export function useConnection(): ConnectionState {
  return useSyncExternalStore(onConnection, connectionState);
}
