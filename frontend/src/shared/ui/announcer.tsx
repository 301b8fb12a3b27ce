import { VisuallyHidden } from "@mantine/core";
import { useSyncExternalStore } from "react";

const PAUSE_MS = 250;
const listeners = new Set<() => void>();
let waiting: string[] = [];
let spoken = "";

/** Tell people who cannot see the page what just happened; what comes close together is said in one go. */
export function announce(text: string): void {
  waiting.push(text);
  if (waiting.length > 1) return;
  setTimeout(() => {
    const next = waiting.join(". ");
    waiting = [];
    // The same words twice would not be spoken again.
    spoken = next === spoken ? `${next}\u00a0` : next;
    for (const listener of listeners) listener();
  }, PAUSE_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The one polite live region of the application. */
export function Announcer() {
  const text = useSyncExternalStore(subscribe, () => spoken);
  return (
    <VisuallyHidden aria-live="polite" aria-atomic="true" data-announcer>
      {text}
    </VisuallyHidden>
  );
}
