/** Which note or title is being written, and which groups are closed: known to the canvas alone. */
import { createContext, useContext, useMemo, useState } from "react";
import { useClosed } from "./use-closed";

export interface Writing {
  /** The node whose words are being written. */
  written: string | undefined;
  write: (id: string | undefined) => void;
  /** The groups that are closed. */
  closed: ReadonlySet<string>;
  /** Close a group, or open it. */
  fold: (group: string) => void;
}

const nothing = () => undefined;
const WritingContext = createContext<Writing>({
  written: undefined,
  write: nothing,
  closed: new Set(),
  fold: nothing,
});
export const WritingProvider = WritingContext.Provider;
export const useWriting = () => useContext(WritingContext);

/** `memory` names what is remembered: the groups that somebody closed in a workflow. */
export function useNewWriting(memory: string | undefined): Writing {
  const [written, write] = useState<string>();
  const { closed, fold } = useClosed(memory);
  return useMemo(() => ({ written, write, closed, fold }), [written, closed, fold]);
}
