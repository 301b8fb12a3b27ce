/** Single letters that act while the focus is in the inbox, or nowhere as after the page was opened, and nobody types. */
import { type RefObject, useEffect, useRef } from "react";

export interface InboxKeys {
  next?: () => void;
  previous?: () => void;
  approve?: () => void;
  edit?: () => void;
  reject?: () => void;
}

const LETTERS: Record<string, keyof InboxKeys> = {
  j: "next",
  k: "previous",
  a: "approve",
  e: "edit",
  r: "reject",
};

export function useInboxKeys(box: RefObject<HTMLElement | null>, keys: InboxKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (!isForInbox(event.target, box.current)) return;
      const act = latest.current[LETTERS[event.key.toLowerCase()] ?? "next"];
      if (!act || !(event.key.toLowerCase() in LETTERS)) return;
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
