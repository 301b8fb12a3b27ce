/** Carries out the command whose keys are pressed; dialogs and fields keep their own keys. */
import { useEffect } from "react";
import { type Command, offeredCommands } from "./command-store";
import { isTyping, keyOf } from "./keys";

/** Where keys of a single letter act. */
export const CANVAS_PLACE = "[data-command-place]";

export function useCommandKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isInDialog(event.target)) return;
      const pressed = keyOf(event);
      const found = offeredCommands().find(
        (one) => one.keys === pressed && acts(one, event.target),
      );
      if (!found || found.reason) return;
      event.preventDefault();
      found.run();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function acts(command: Command, target: EventTarget | null): boolean {
  if (isTyping(target)) return command.isForFields === true;
  if (!command.isForCanvas) return true;
  return target === document.body || (target instanceof Element && !!target.closest(CANVAS_PLACE));
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"]') !== null;
}
