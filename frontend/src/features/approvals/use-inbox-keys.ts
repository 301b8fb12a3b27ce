/** Single letters that act while the focus is in the inbox, or nowhere as after the page was opened, and nobody types. */
import { type RefObject, useEffect, useRef } from "react";
import { keysFor } from "@/shared/commands/command-store";
import { keyOf } from "@/shared/commands/keys";

export interface InboxKeys {
  next?: () => void;
  previous?: () => void;
  approve?: () => void;
  edit?: () => void;
  reject?: () => void;
}

/** As they are before somebody chooses others. */
export const INBOX_KEYS: Record<keyof InboxKeys, string> = {
  next: "J",
  previous: "K",
  approve: "A",
  edit: "E",
  reject: "R",
};

export function isInboxKey(name: string): name is keyof InboxKeys {
  return name in INBOX_KEYS;
}

/** Return the keys of one of them. */
export function inboxKeys(name: keyof InboxKeys): string {
  return keysFor(`inbox_${name}`, INBOX_KEYS[name]);
}

export function useInboxKeys(box: RefObject<HTMLElement | null>, keys: InboxKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !isForInbox(event.target, box.current)) return;
      const pressed = keyOf(event);
      const names = Object.keys(INBOX_KEYS) as (keyof InboxKeys)[];
      const act = names
        .filter((name) => inboxKeys(name) === pressed)
        .map((name) => latest.current[name])
        .find(Boolean);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [box]);
}

function isForInbox(target: EventTarget | null, box: HTMLElement | null): boolean {
  if (!(target instanceof HTMLElement) || !box) return false;
  if (target.closest("input, textarea, select, [contenteditable]")) return false;
  return target === document.body || box.contains(target);
}
