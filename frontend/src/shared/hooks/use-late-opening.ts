import { type RefObject, useEffect, useRef, useState } from "react";

/** For what opens from a button that has just taken another one's place: the new one has the focus before it opens,
 * so that the focus comes back to it. */
export function useLateOpening<Target extends HTMLElement>(): {
  target: RefObject<Target | null>;
  isReady: boolean;
} {
  const target = useRef<Target>(null);
  const [isReady, setIsReady] = useState(false);
  useEffect(() => {
    target.current?.focus();
    setIsReady(true);
  }, []);
  return { target, isReady };
}
