import { useSyncExternalStore } from "react";
import type { Channel, TextStore } from "@/realtime/text-store";

/** The text of one channel of a step, as it grows. */
export function useChannelText(texts: TextStore, path: string, channel: Channel): string {
  return useSyncExternalStore(
    (changed) => texts.subscribe(path, changed),
    () => texts.text(path, channel),
  );
}
