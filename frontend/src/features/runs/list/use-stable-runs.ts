/** Keeps a list of runs in its place while new ones begin. */
import { useMemo, useState } from "react";
import type { Run } from "@/api/generated";
import { stable } from "./stable-runs";

export function useStableRuns(fresh: Run[], hasMore: boolean) {
  const [base, setBase] = useState<Run[]>([]);
  const shown = useMemo(() => stable(base, fresh, hasMore), [base, fresh, hasMore]);
  // What is shown is what the next answer is compared with: a run that left does not come back unasked.
  if (isOther(base, shown.items)) setBase(shown.items);
  return { ...shown, showAll: () => setBase(fresh) };
}

function isOther(known: Run[], next: Run[]): boolean {
  return known.length !== next.length || next.some((run, at) => run !== known[at]);
}
