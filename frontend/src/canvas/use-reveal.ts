/** Keeps the one step that is selected in sight: a new one, one found by its problem, one beside which a panel opens. */
import { useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { paced } from "@/shared/lib/paced";

const MARGIN = 24;
/** Panels that open with a selection have taken their room by then. */
const SETTLED_MS = 80;

export function useReveal(selection: ReadonlySet<string>): void {
  const { getInternalNode, setViewport } = useReactFlow();
  const store = useStoreApi();
  const size = useStore(({ width, height }) => `${width} ${height}`);
  const [only] = selection;
  const path = selection.size === 1 ? only : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another size of the canvas can hide the step again
  useEffect(() => {
    if (path === undefined) return;
    const timer = setTimeout(() => {
      const node = getInternalNode(path);
      const { width, height, transform } = store.getState();
      if (!node || node.dragging || width === 0) return;
      const [x, y, zoom] = transform;
      const { positionAbsolute: at } = node.internals;
      const dx = shiftInto(at.x * zoom + x, (node.width ?? 0) * zoom, width);
      const dy = shiftInto(at.y * zoom + y, (node.height ?? 0) * zoom, height);
      if (dx !== 0 || dy !== 0)
        void setViewport({ x: x + dx, y: y + dy, zoom }, { duration: paced(150) });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [path, size, getInternalNode, setViewport, store]);
}

/** How far something has to move to be in sight, its beginning first where it is too long; 0 where it is. */
export function shiftInto(from: number, length: number, room: number): number {
  if (from >= 0 && from + length <= room) return 0;
  const last = room - MARGIN - length;
  return Math.max(MARGIN, Math.min(from, last)) - from;
}
