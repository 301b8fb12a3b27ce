/** Keys of the builder's commands as they are before somebody chooses others: what obeys them, and the page that changes them. */
import type { KeyTable } from "@/shared/commands/command-store";

export const WORKFLOW_KEYS: KeyTable = {
  run: { keys: "Mod+Enter", isForFields: true },
  publish: {},
  versions: {},
  propose: { keys: "Alt+I" },
  code: { keys: "Alt+Y" },
  outline: { keys: "Alt+O" },
  undo: { keys: "Mod+Z" },
  redo: { keys: "Mod+Shift+Z" },
  tidy: { keys: "Shift+Alt+T" },
  logs: { keys: "L", isForCanvas: true },
  tool_select: { keys: "V", isForCanvas: true },
  tool_hand: { keys: "H", isForCanvas: true },
  note: { keys: "Shift+S", isForCanvas: true },
  next_problem: { keys: "F8", isForFields: true },
  previous_problem: { keys: "Shift+F8", isForFields: true },
  next_region: { keys: "F6", isForFields: true },
  previous_region: { keys: "Shift+F6", isForFields: true },
};

/** All of them act while the canvas or the outline has the focus. */
export const SELECTION_KEYS: Record<string, string> = {
  select_all: "Mod+A",
  connect: "C",
  rename: "F2",
  replace: "R",
  switch_off: "D",
  input: "I",
  output: "O",
  extract: "Alt+X",
  duplicate: "Mod+D",
  delete: "Delete",
  delete_back: "Backspace",
  group: "Mod+G",
  ungroup: "Mod+Shift+G",
  select_group: "Alt+G",
  select_note: "Alt+N",
  pin: "P",
  select_after: "Alt+ArrowRight",
  select_before: "Alt+ArrowLeft",
  select_same: "",
};
