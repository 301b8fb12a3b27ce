import { useStoreApi } from "@xyflow/react";
import { useLayoutEffect, useRef } from "react";
import styles from "./canvas.module.css";

const GAP = 24;

/** Dots behind everything, whole pixels apart: between pixels each frame of a movement would compute all of them anew. */
export function CanvasDots() {
  const { getState, subscribe } = useStoreApi();
  const dots = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    let known: unknown;
    const follow = () => {
      const { transform } = getState();
      if (transform === known || !dots.current) return;
      known = transform;
      const [x, y, zoom] = transform;
      const gap = Math.max(2, Math.round(GAP * zoom));
      const { style } = dots.current;
      style.backgroundSize = `${gap}px ${gap}px`;
      style.backgroundPosition = `${Math.round(x) % gap}px ${Math.round(y) % gap}px`;
      style.setProperty("--dot", `${0.8 * zoom}px`);
    };
    follow();
    return subscribe(follow);
  }, [getState, subscribe]);
  return <div ref={dots} className={styles.dots} />;
}
