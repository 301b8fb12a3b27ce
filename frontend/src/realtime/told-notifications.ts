/** Brings what a person's stream tells of notifications into the list that was read before. */
import type { Notification, NotificationList } from "@/api/generated";
import type { PersonState } from "./person-feed";

/** Return the list as it is now; nothing when it has to be read again, as more has happened than was told. */
export function withTold(
  list: NotificationList,
  { unread, newest }: PersonState,
): NotificationList | undefined {
  const told = newest.map(
    (item): Notification => ({ workflow: null, run_id: null, read_at: null, ...item }),
  );
  const toldById = new Map(told.map((item) => [item.id, item]));
  const known = new Set(list.items.map(({ id }) => id));
  // What is older than the end of the list belongs to a page that was not read.
  const end = list.next_cursor ? timeOf(list.items.at(-1)) : 0;
  const fresh = told.filter((item) => !known.has(item.id) && timeOf(item) >= end);
  // Of what is older than all that was told nothing is known, unless that was everything.
  const from = told.length === unread ? 0 : timeOf(told.at(-1));
  const now = new Date().toISOString();
  const items = [...fresh, ...list.items.map((item) => toldById.get(item.id) ?? readSince(item))];
  items.sort((one, other) => timeOf(other) - timeOf(one));
  const count = items.filter(({ read_at }) => read_at === null).length;
  const isWhole = list.next_cursor ? count <= unread : count === unread;
  const isAllNew = fresh.length > 0 && fresh.length === told.length && told.length < unread;
  return isWhole && !isAllNew ? { ...list, items, unread } : undefined;

  function readSince(item: Notification): Notification {
    return item.read_at === null && timeOf(item) >= from ? { ...item, read_at: now } : item;
  }
}

function timeOf(item: Notification | undefined): number {
  return item ? Date.parse(item.created_at) : 0;
}
