/** Where a node is, its wrapper knows: what is inside is not drawn again because it is moved. */
import type { NodeProps } from "@xyflow/react";

export function looksTheSame(before: NodeProps, now: NodeProps): boolean {
  return before.id === now.id && before.data === now.data && before.selected === now.selected;
}
