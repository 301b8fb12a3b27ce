/** What lies under the pointer. */
import type { Point } from "@/domain/layout/layout";

/** Return the path of the card at a place of the screen. */
export function targetAt({ x, y }: Point): string | undefined {
  for (const element of document.elementsFromPoint(x, y)) {
    const node = element.closest<HTMLElement>(".react-flow__node");
    if (node?.dataset.id) return node.dataset.id;
  }
  return undefined;
}
