/** Everything that can be done on the page that is open: one list feeds keys, palette and the sheet of keys. */
import { useEffect, useSyncExternalStore } from "react";

export interface Command {
  id: string;
  label: string;
  /** The heading it stands under. */
  group: string;
  /** `go`: leads somewhere; `step`: leads to a step of the open workflow. */
  kind?: "do" | "go" | "step";
  /** As `keyOf` writes them. */
  keys?: string;
  /** Its keys act only while the canvas or a list of steps has the focus. */
  isForCanvas?: boolean;
  /** Its keys act in fields too. */
  isForFields?: boolean;
  /** Why it cannot be done now. */
  reason?: string | undefined;
  /** More words to find it by. */
  words?: string;
  run: () => void;
}

const lists = new Map<symbol, readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];

function changed(): void {
  all = [...lists.values()].flat();
  for (const listener of listeners) listener();
}

/** Offer commands as long as the component is on the page. */
export function useOfferedCommands(commands: readonly Command[]): void {
  useEffect(() => {
    const own = Symbol("commands");
    lists.set(own, commands);
    changed();
    return () => {
      lists.delete(own);
      changed();
    };
  }, [commands]);
}

export function offeredCommands(): readonly Command[] {
  return all;
}

export function useCommands(): readonly Command[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, offeredCommands);
}
