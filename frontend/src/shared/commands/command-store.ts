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

/** By the ids of commands. */
export type KeyTable = Record<string, Pick<Command, "keys" | "isForCanvas" | "isForFields">>;

const lists = new Map<symbol, readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];
/** What was done, by its first word: whom it was done to is nobody's business. */
export const doneCommands: string[] = [];
let own: Readonly<Record<string, string>> = {};

/** Return the keys of a command: the person's own, else those it has from the beginning. */
export function keysFor(id: string, standard = ""): string {
  return own[id] ?? standard;
}

/** From now on these commands have the person's own keys; an empty text is none. */
export function remap(keys: Readonly<Record<string, string>>): void {
  own = keys;
  changed();
}

function changed(): void {
  all = [...lists.values()].flat().map((one) => ({
    ...one,
    keys: keysFor(one.id, one.keys),
    run: () => {
      doneCommands.push(one.id.split(" ")[0] as string);
      one.run();
    },
  }));
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
