import { Suspense } from "react";
import { late } from "@/shared/lib/late";
import styles from "./canvas.module.css";
import type { CanvasProps } from "./canvas-view";

const CanvasView = late(async () => ({ default: (await import("./canvas-view")).CanvasView }));

/** The canvas with the library that draws it: the page around it is there before. */
export function LateCanvas(props: CanvasProps) {
  return (
    <Suspense fallback={<div className={styles.canvas} aria-busy />}>
      <CanvasView {...props} />
    </Suspense>
  );
}
