/** Keeps a box inside the corner of a part of the page, wherever that part goes. */
import { type CSSProperties, type RefObject, useEffect, useState } from "react";

const GAP = 16;
const EVERY_MS = 300;

export function useBeside(target: string, box: RefObject<HTMLElement | null>): CSSProperties {
  const [place, setPlace] = useState({ left: GAP, top: GAP });
  useEffect(() => {
    const look = () => {
      const part = document.querySelector(target)?.getBoundingClientRect();
      const own = box.current?.getBoundingClientRect();
      if (!own) return;
      const wanted = part ?? new DOMRect(0, 0, innerWidth, innerHeight);
      const left = inside(wanted.left + GAP, innerWidth - own.width);
      // What stands at the foot of the page is told of above it.
      const isLow = wanted.top + own.height + GAP > innerHeight;
      const top = inside(
        isLow ? wanted.top - own.height - GAP : wanted.top + GAP,
        innerHeight - own.height,
      );
      setPlace((old) => (old.left === left && old.top === top ? old : { left, top }));
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [target, box]);
  return place;
}

function inside(wanted: number, most: number): number {
  return Math.round(Math.max(GAP / 2, Math.min(wanted, most - GAP / 2)));
}
