import { createContext, useContext, useSyncExternalStore } from "react";
import styles from "./cards.module.css";

/** The newest words of a step that is running. */
export interface LiveText {
  subscribe: (step: string, listener: () => void) => () => void;
  /** The end of what the step has said, short enough for two lines. */
  tail: (step: string) => string;
}

const silent: LiveText = { subscribe: () => () => undefined, tail: () => "" };
const LiveTextContext = createContext<LiveText>(silent);
export const LiveTextProvider = LiveTextContext.Provider;

export function LiveLines({ path }: { path: string }) {
  const live = useContext(LiveTextContext);
  const text = useSyncExternalStore(
    (changed) => live.subscribe(path, changed),
    () => live.tail(path),
  );
  return text ? (
    <div className={styles.live} aria-hidden>
      <span>{text}</span>
    </div>
  ) : null;
}
