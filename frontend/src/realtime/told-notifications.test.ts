/** A list of notifications after its person's stream: nothing unread is missed, nothing read stays unread. */
import { expect, it } from "vitest";
import type { Notification, NotificationList } from "@/api/generated";
import { withTold } from "./told-notifications";

/** The higher the number, the newer. */
function notice(number: number, isRead = false): Notification {
  const at = `2026-03-01T00:00:${String(number).padStart(2, "0")}Z`;
  return {
    id: `n${number}`,
    kind: "run_failed",
    title: `Notice ${number}`,
    body: "",
    details: {},
    workflow: null,
    run_id: null,
    created_at: at,
    read_at: isRead ? at : null,
  };
}
function list(items: Notification[], next_cursor: string | null = null): NotificationList {
  const unread = items.filter(({ read_at }) => read_at === null).length;
  return { items, next_cursor, unread };
}
const shown = (known: NotificationList | undefined) =>
  known?.items.map(({ id, read_at }) => (read_at === null ? `${id}*` : id));

it("puts what is new before what was known, with the fields that were left out", () => {
  const { read_at: _, workflow: __, run_id: ___, ...told } = notice(3);
  const known = withTold(list([notice(2, true)]), { unread: 1, newest: [told] });
  expect(known).toMatchObject({ unread: 1, next_cursor: null });
  expect(known?.items).toEqual([notice(3), notice(2, true)]);
});

it("notes what was read or marked as unread in another place", () => {
  const before = list([notice(3), notice(2), notice(1, true)]);
  const known = withTold(before, { unread: 2, newest: [notice(3), notice(1)] });
  expect(shown(known)).toEqual(["n3*", "n2", "n1*"]);
  expect(shown(withTold(before, { unread: 0, newest: [] }))).toEqual(["n3", "n2", "n1"]);
});

it("leaves older ones as they are when only the newest were told", () => {
  const items = [7, 6, 5, 4, 3, 2, 1].map((number) => notice(number));
  const newest = [7, 5, 4, 3, 2].map((number) => notice(number));
  const known = withTold(list(items), { unread: 6, newest });
  expect(shown(known)).toEqual(["n7*", "n6", "n5*", "n4*", "n3*", "n2*", "n1*"]);
});

it("has to be read again when more is unread than can be told of", () => {
  const newest = [9, 8, 7, 6, 5].map((number) => notice(number));
  expect(withTold(list([notice(1)]), { unread: 8, newest })).toBeUndefined();
  expect(withTold(list([notice(1, true)], "more"), { unread: 8, newest })).toBeUndefined();
  expect(withTold(list([notice(2, true)]), { unread: 1, newest: [] })).toBeUndefined();
});

it("leaves what is older than a page to the pages behind it", () => {
  const known = withTold(list([notice(9, true), notice(8, true)], "more"), {
    unread: 1,
    newest: [notice(2)],
  });
  expect(shown(known)).toEqual(["n9", "n8"]);
  expect(known?.unread).toBe(1);
});
