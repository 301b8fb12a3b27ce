/** How large the cards of steps are: known before they are drawn, so that the canvas never measures. */
import type { Step } from "../document/workflow";
import { isMap } from "../expressions/values";

export interface Size {
  width: number;
  height: number;
}

export const CARD: Size = { width: 248, height: 76 };
export const BRANCH_HEIGHT = 26;
export const CONTAINER_HEAD = 52;
export const CONTAINER_PAD = 28;
export const EMPTY_CONTAINER: Size = { width: 320, height: 180 };
/** Between cards, along and across the flow. */
export const GAP = { x: 88, y: 36 } as const;
export const GRID = 8;

/** Return the size of a card that holds no other cards. */
export function cardSize(step: Step): Size {
  return { width: CARD.width, height: CARD.height + branchesOf(step).length * BRANCH_HEIGHT };
}

export interface BranchLabel {
  index: number;
  label: string;
  isElse: boolean;
}

/** Return the branches that a switch draws, one handle for each. */
export function branchesOf(step: Step): BranchLabel[] {
  if (step.kind !== "switch" || !Array.isArray(step.data.switch)) return [];
  return step.data.switch.filter(isMap).map((one, index) => {
    const isElse = "else" in one;
    const when = typeof one.when === "string" ? one.when.replace(/^\$\{\s*|\s*\}$/g, "") : "";
    return { index, label: when, isElse };
  });
}

/** Whether a step draws the steps inside it. */
export function isContainer(step: Step): boolean {
  return step.kind === "loop";
}
