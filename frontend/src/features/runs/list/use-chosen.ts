/** Which runs of those that are shown are chosen. */
import { useState } from "react";
import type { Run } from "@/api/generated";

export function useChosen(shown: Run[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = shown.filter(({ id }) => ids.has(id));
  const toggle = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  const clear = () => setIds(new Set());
  const toggleAll = () =>
    chosen.length === shown.length ? clear() : setIds(new Set(shown.map(({ id }) => id)));
  return { chosen, isChosen: (id: string) => ids.has(id), toggle, toggleAll, clear };
}
