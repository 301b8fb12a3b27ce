/** Letters that the canvas obeys itself, as they are before somebody chooses others. */
import { keysFor } from "@/shared/commands/command-store";

export const CANVAS_KEYS = {
  canvas_add: "N",
  canvas_add_too: "/",
  canvas_move: "M",
  canvas_whole: "0",
  canvas_fit: "1",
  canvas_fit_selection: "2",
};

/** Return what one of them does by the keys that it has now. */
export function byKeys(
  acts: Partial<Record<keyof typeof CANVAS_KEYS, () => void>>,
): Record<string, () => void> {
  const names = Object.keys(acts) as (keyof typeof CANVAS_KEYS)[];
  return Object.fromEntries(
    names.map((name) => [keysFor(name, CANVAS_KEYS[name]), acts[name] as () => void]),
  );
}
