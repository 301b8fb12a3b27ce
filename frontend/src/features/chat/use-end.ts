/** Keeps the end of a conversation in view: from the beginning, and as it grows, until somebody looks further up. */
import { useCallback, useRef } from "react";

const NEAR_PX = 60;

export function useEnd() {
  const end = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const toEnd = useCallback(() => {
    isAtEnd.current = true;
    end.current?.scrollIntoView({ block: "end" });
  }, []);
  const list = useCallback((node: HTMLOListElement | null) => {
    if (!node) return;
    const show = () => end.current?.scrollIntoView({ block: "end" });
    let before = 0;
    // Asked at each scroll, and not when the list grows: by then its end is out of view already. It is left by going up.
    const onScroll = ({ target }: Event) => {
      const { scrollTop } = target === document ? document.documentElement : (target as Element);
      const below = (end.current?.getBoundingClientRect().bottom ?? 0) - innerHeight;
      if (below < NEAR_PX) isAtEnd.current = true;
      else if (scrollTop < before) isAtEnd.current = false;
      before = scrollTop;
    };
    const growing = new ResizeObserver(() => isAtEnd.current && show());
    growing.observe(node);
    // The page is scrolled, whichever part of it that is.
    document.addEventListener("scroll", onScroll, { capture: true, passive: true });
    show();
    return () => {
      growing.disconnect();
      document.removeEventListener("scroll", onScroll, { capture: true });
    };
  }, []);
  return { list, end, toEnd };
}
