/** Every command whose keys a person may choose, in the groups in which they are shown. */
import { CANVAS_KEYS } from "@/canvas/canvas-keys";
import { INBOX_KEYS } from "@/features/approvals/use-inbox-keys";
import { SELECTION_KEYS, WORKFLOW_KEYS } from "@/features/editor/commands/editor-keys";
import { SHELL_KEYS } from "../palette/shell-keys";
import { PLACES } from "../shell/navigation";

/** Where keys act: commands of different places may share keys if nobody is in both at once. */
export type Place = "everywhere" | "builder" | "canvas" | "inbox";

export interface Assignable {
  id: string;
  /** With its namespace; for a place to go, its name. */
  words: string;
  standard: string;
  place: Place;
  /** They act while somebody types too. */
  isForFields: boolean;
}
export interface KeyGroup {
  name: Place;
  items: Assignable[];
}

const item = (id: string, words: string, more: Partial<Assignable>): Assignable => ({
  id,
  words,
  standard: "",
  place: "everywhere",
  isForFields: false,
  ...more,
});

/** What may be taken back is called by its name, not by what it would be now. */
const WORDS: Record<string, string> = { undo: "editor:undo_action", redo: "editor:redo_action" };

export const KEY_GROUPS: KeyGroup[] = [
  {
    name: "everywhere",
    items: [
      ...Object.entries(SHELL_KEYS).map(([id, { keys = "", isForFields = false }]) =>
        item(id, `common:commands.${id}`, { standard: keys, isForFields }),
      ),
      ...PLACES.map(({ to, label }) => item(`go ${to}`, `common:places.${label}`, {})),
    ],
  },
  {
    name: "builder",
    items: Object.entries(WORKFLOW_KEYS).map(([id, more]) =>
      item(id, WORDS[id] ?? `editor:commands.${id}`, {
        standard: more.keys ?? "",
        place: more.isForCanvas ? "canvas" : "builder",
        isForFields: more.isForFields ?? false,
      }),
    ),
  },
  {
    name: "canvas",
    items: [
      ...Object.entries(SELECTION_KEYS).map(([id, standard]) =>
        item(id, `editor:commands.${id}`, { standard, place: "canvas" }),
      ),
      ...Object.entries(CANVAS_KEYS).map(([id, standard]) =>
        item(id, `settings:shortcuts.${id}`, { standard, place: "canvas" }),
      ),
    ],
  },
  {
    name: "inbox",
    items: Object.entries(INBOX_KEYS).map(([id, standard]) =>
      item(`inbox_${id}`, `settings:shortcuts.inbox_${id}`, { standard, place: "inbox" }),
    ),
  },
];

export const ASSIGNABLE: Assignable[] = KEY_GROUPS.flatMap(({ items }) => items);
