/** What the builder can be told to do, by whatever means. */
import type { StepType } from "@/api/generated";
import type { Alignment, Axis } from "@/domain/layout/align";

export type Tool = "hand" | "select";

export interface EditorActions {
  run: () => void;
  publish: () => void;
  versions: () => void;
  toggleCode: () => void;
  toggleOutline: () => void;
  logs: () => void;
  /** What dragging the empty canvas does. */
  tool: (tool: Tool) => void;
  /** What a step was given in the last run, or what it made. */
  data: (tab: "input" | "output") => void;
  /** A model proposes changes. */
  propose: () => void;
  extract: () => void;
  tidyUp: () => void;
  align: (how: Alignment) => void;
  distribute: (axis: Axis) => void;
  addNote: () => void;
  add: (type: StepType) => void;
  show: (path: string) => void;
  connect: () => void;
  rename: () => void;
  duplicate: () => void;
  remove: () => void;
  group: () => void;
  ungroup: () => void;
  selectGroup: () => void;
  selectNote: () => void;
  pin: () => void;
  toProblem: (by: 1 | -1) => void;
  toRegion: (by: 1 | -1) => void;
}
