/** Edits of what is drawn beside the steps: notes, and groups around them. */
import type { TFunction } from "i18next";
import { outermost } from "@/domain/document/clipboard";
import type { Operation } from "@/domain/document/operations";
import type { Workflow } from "@/domain/document/workflow";
import { GROUP_PREFIX, type Group, type Layout, NOTE_PREFIX } from "@/domain/layout/layout";

const NEW_NOTE = { x: 0, y: -140, width: 240, height: 96, text: "", colour: "yellow" } as const;

interface Means {
  edit: (operations: Operation[], label: string) => void;
  remove: (paths: Iterable<string>) => void;
  workflow: () => Workflow;
  layout: () => Layout;
  t: TFunction<"editor">;
}

/** Return the groups that are selected, and those that a selected step is in. */
export function groupsWith({ groups }: Layout, selection: readonly string[]): Group[] {
  return groups.filter(
    ({ id, members }) =>
      selection.includes(GROUP_PREFIX + id) || members.some((path) => selection.includes(path)),
  );
}

/** What is selected afterwards is returned, as the canvas calls it. */
export function besideSteps({ edit, remove, workflow, layout, t }: Means) {
  const addNote = () => {
    const id = crypto.randomUUID();
    edit([{ op: "put_note", note: { ...NEW_NOTE, id } }], t("undo.note"));
    return [NOTE_PREFIX + id];
  };
  const group = (selection: string[], title: string) => {
    const members = outermost(workflow(), selection).map((step) => step.path);
    if (members.length < 2) return [];
    const id = crypto.randomUUID();
    edit([{ op: "put_group", group: { id, title, members, colour: "grey" } }], t("undo.group"));
    return [GROUP_PREFIX + id];
  };
  const groupsOf = (selection: string[]) =>
    groupsWith(layout(), selection).map(({ id }) => GROUP_PREFIX + id);
  const ungroup = (selection: string[]) => {
    const found = groupsWith(layout(), selection);
    if (found.length > 0)
      edit(
        found.map(({ id }) => ({ op: "remove_group", id })),
        t("undo.ungroup"),
      );
  };
  /** Steps, notes and the frames of groups alike; what is in a group stays. */
  const removeSelected = (selection: string[]) => {
    const chosen = (prefix: string) =>
      selection.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
    const operations: Operation[] = [
      ...chosen(NOTE_PREFIX).map((id) => ({ op: "remove_note" as const, id })),
      ...chosen(GROUP_PREFIX).map((id) => ({ op: "remove_group" as const, id })),
    ];
    if (operations.length > 0) edit(operations, t("undo.note"));
    remove(selection);
  };
  const noteAfter = (selection: string[]) => {
    const ids = layout().notes.map(({ id }) => NOTE_PREFIX + id);
    const next = ids[(ids.findIndex((id) => selection.includes(id)) + 1) % ids.length];
    return next ? [next] : [];
  };
  return { addNote, group, ungroup, groupsOf, removeSelected, noteAfter };
}
