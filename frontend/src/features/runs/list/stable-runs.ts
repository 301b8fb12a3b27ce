/** A list that does not move under the pointer: what is new waits until it is asked for. */
import type { Run } from "@/api/generated";

export interface Shown {
  items: Run[];
  /** How many runs have begun since, that are not among them. */
  added: number;
}

/**
 * Return what to show of a page while known runs stand there. They are as they are now; one that the filter lets
 * through no longer is left out, and one that newer ones pushed to the next page stays as it was.
 */
export function stable(known: Run[], fresh: Run[], hasMore: boolean): Shown {
  if (known.length === 0) return { items: fresh, added: 0 };
  const now = new Map(fresh.map((run) => [run.id, run]));
  const ids = new Set(known.map(({ id }) => id));
  const oldest = hasMore ? (fresh.at(-1)?.created_at ?? "") : "";
  const items = known.flatMap((run) => {
    const found = now.get(run.id);
    if (found) return [found];
    return run.created_at < oldest ? [run] : [];
  });
  const first = known[0]?.created_at ?? "";
  const added = fresh.filter((run) => !ids.has(run.id) && run.created_at >= first).length;
  return { items, added };
}
