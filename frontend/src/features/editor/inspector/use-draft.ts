/** The text in a field while somebody types: committed after a pause and on leaving, never overtaken from outside. */
import { useCallback, useEffect, useRef, useState } from "react";

const PAUSE_MS = 300;

export function useDraft(value: string, commit: (text: string) => void) {
  const [text, setText] = useState(value);
  const pending = useRef<string | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const committing = useRef(commit);
  committing.current = commit;

  useEffect(() => {
    if (pending.current === undefined) setText(value);
  }, [value]);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const typed = pending.current;
    pending.current = undefined;
    if (typed !== undefined) committing.current(typed);
  }, []);
  useEffect(() => flush, [flush]);

  const onChange = useCallback(
    (typed: string) => {
      setText(typed);
      pending.current = typed;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, PAUSE_MS);
    },
    [flush],
  );
  return { text, onChange, onBlur: flush };
}
