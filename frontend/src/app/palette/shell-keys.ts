/** Keys of what every page offers, as they are before somebody chooses others. */
import type { KeyTable } from "@/shared/commands/command-store";

export const SHELL_KEYS: KeyTable = {
  palette: { keys: "Mod+K", isForFields: true },
  keys: { keys: "?" },
};
