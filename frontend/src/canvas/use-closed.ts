/** The groups a person has closed: theirs alone, so it is kept in the browser and not in the document. */
import { createStore, get, set, type UseStore } from "idb-keyval";
import { useCallback, useEffect, useState } from "react";

let opened: UseStore | undefined;

/** A browser that keeps nothing opens all groups each time. */
async function within<Answer>(
  use: (store: UseStore) => Promise<Answer>,
): Promise<Answer | undefined> {
  if (typeof indexedDB === "undefined") return undefined;
  try {
    opened ??= createStore("flowloom-canvas", "closed");
    return await use(opened);
  } catch {
    return undefined;
  }
}

export function useClosed(memory: string | undefined) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let isStale = false;
    const read = async () => {
      const found = memory ? await within((store) => get<string[]>(memory, store)) : undefined;
      if (!isStale && found) setClosed(new Set(found));
    };
    void read();
    return () => {
      isStale = true;
    };
  }, [memory]);
  const fold = useCallback(
    (group: string) =>
      setClosed((known) => {
        const next = new Set(known);
        if (!next.delete(group)) next.add(group);
        if (memory) void within((store) => set(memory, [...next], store));
        return next;
      }),
    [memory],
  );
  return { closed, fold };
}
