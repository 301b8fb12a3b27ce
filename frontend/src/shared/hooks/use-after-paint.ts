import { useEffect, useState } from "react";

/** Run work once the page has been drawn and the browser has a quiet moment. */
function whenQuiet(work: () => void): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(work, 200);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: 2_000 });
  return () => cancelIdleCallback(handle);
}

/** Whether the page has been drawn: what is not seen at first waits for it. */
export function useAfterPaint(): boolean {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => whenQuiet(() => setIsLate(true)), []);
  return isLate;
}

/** Fetch what somebody may open soon, after the page has been drawn; one that is missing is told of when it is opened. */
export function useFetchedAhead(load: () => Promise<unknown>): void {
  useEffect(() => whenQuiet(() => void load().catch(() => undefined)), [load]);
}
