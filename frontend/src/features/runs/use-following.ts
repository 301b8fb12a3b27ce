/** Keeps the end of a growing text in sight until somebody looks back. */
import { useCallback, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 40;

export function useFollowing(length: number) {
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more text is the reason to scroll
  useLayoutEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [length, isFollowing]);
  const onScroll = useCallback(() => {
    const { current } = box;
    if (current)
      setIsFollowing(current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX);
  }, []);
  return { box, isFollowing, follow: () => setIsFollowing(true), onScroll };
}
