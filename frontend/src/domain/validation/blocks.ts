/** What a place of a document can see of its steps: the same rules as `written_steps.py`. */
import type { Block } from "../document/workflow";

/** Return a block and those around it, the nearest first. */
export function chainOf(block: Block): Block[] {
  return block.outer ? [block, ...chainOf(block.outer)] : [block];
}

/** Return the nearest block that has such a step. */
export function holderOf(block: Block, id: string): Block | undefined {
  return chainOf(block).find((one) => Object.hasOwn(one.steps, id));
}

/** Whether a block belongs to that step of an outer block and runs before the step has ended. */
export function isInside(block: Block, id: string, holder: Block): boolean {
  return chainOf(block).some(
    (one) =>
      one.outer === holder && one.owner === id && (one.kind === "loop" || one.kind === "recovery"),
  );
}
