/** What is seen first: all of it when it can be read, else its beginning. */
import { getNodesBounds, getViewportForBounds, type Viewport } from "@xyflow/react";
import { useLayoutEffect, useRef, useState } from "react";
import type { Size } from "@/domain/layout/sizes";
import type { CanvasNode } from "./graph";

const READABLE = 0.62;
const MARGIN = 48;
export const MIN_ZOOM = 0.1;
const FIT = { padding: 0.18, maxZoom: 1.1 };
/** How a canvas without nodes looks at its first one. */
const WHOLE = { fitView: true, fitViewOptions: FIT };

/** Give the first look as soon as it is known how large the canvas is; before that nothing is drawn on it. */
export function useFirstView(nodes: readonly CanvasNode[]) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<{ defaultViewport: Viewport } | typeof WHOLE>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first look is taken once
  useLayoutEffect(() => {
    if (!box.current) return;
    const size = { width: box.current.clientWidth, height: box.current.clientHeight };
    setView(nodes.length > 0 ? { defaultViewport: firstView(nodes, size) } : WHOLE);
  }, []);
  return { box, view };
}

/** Computed before anything is drawn: looking at all of it first would draw all of it. */
export function firstView(nodes: readonly CanvasNode[], { width, height }: Size): Viewport {
  const bounds = getNodesBounds(nodes.filter((node) => node.parentId === undefined));
  const fit = Math.min((width - MARGIN * 2) / bounds.width, (height - MARGIN * 2) / bounds.height);
  if (!(fit < READABLE))
    return getViewportForBounds(bounds, width, height, MIN_ZOOM, FIT.maxZoom, FIT.padding);
  /** From its beginning where it is too long, else in the middle. */
  const along = (from: number, length: number, room: number) =>
    Math.max(0, room - length * READABLE) / 2 -
    from * READABLE +
    (length * READABLE > room ? MARGIN : 0);
  return {
    zoom: READABLE,
    x: along(bounds.x, bounds.width, width),
    y: along(bounds.y, bounds.height, height),
  };
}
