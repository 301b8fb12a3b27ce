/** What waits for whoever is signed in, told by their stream while the socket is up; who shows it asks only when it is not. */
import { skipToken } from "@reduxjs/toolkit/query";
import { useSelector } from "react-redux";
import { api } from "@/api/generated";
import { type SessionState, selectSession } from "@/api/session-slice";

export interface Person {
  /** What happens is told; otherwise it has to be asked for. */
  isTold: boolean;
  /** Open decisions, counted to a hundred. */
  approvals: number | null;
  /** When that was told, in milliseconds. */
  at: number;
}
const AWAY: Person = { isTold: false, approvals: null, at: 0 };
/** Pages have just asked for all of this; and a tab that is closed or loaded again at once opens no socket. */
const LATER_MS = 3_000;

const followed = api.injectEndpoints({
  endpoints: (build) => ({
    followPerson: build.query<Person, string>({
      queryFn: () => ({ data: AWAY }),
      onCacheEntryAdded: async (userId, entry) => {
        const { cacheEntryRemoved, getCacheEntry, updateCachedData } = entry;
        let isOver = false;
        const over = cacheEntryRemoved.then(() => {
          isOver = true;
        });
        await Promise.race([over, new Promise((done) => setTimeout(done, LATER_MS))]);
        // Not to be had, it leaves everything as it is: what is shown is asked for.
        const follow = isOver ? undefined : await import("./follow-person").catch(() => undefined);
        if (!follow || isOver) return;
        // With the session everything is forgotten at once, and the line closes a moment before this ends.
        const become = (next: Partial<Person>) => {
          const known = getCacheEntry().data;
          if (known) updateCachedData(() => ({ ...known, ...next }));
        };
        const stop = follow.followPerson(userId, entry, {
          onState: ({ approvals = null }) => become({ isTold: true, approvals, at: Date.now() }),
          // What was told last stands until somebody has asked.
          onAway: () => become({ isTold: false }),
        });
        await over;
        stop();
      },
    }),
  }),
});

export function usePerson(): Person {
  const { me } = useSelector((state: { session: SessionState }) => selectSession(state));
  const { data } = followed.useFollowPersonQuery(me?.user.id ?? skipToken);
  return data ?? AWAY;
}
