/** A conversation is a tree of messages; what is shown is one way from its root to a leaf. */
import type { Message } from "@/api/generated";

/** One message of the way shown, with those that stand in its place in other branches. */
export interface Stop {
  message: Message;
  siblings: string[];
}

/** Return the way that leads through a chosen message, and from there on always to the newest. */
export function wayThrough(messages: Message[], chosen: string | null): Stop[] {
  const children = new Map<string | null, Message[]>();
  for (const message of messages) {
    const known = children.get(message.parent_id) ?? [];
    children.set(message.parent_id, [...known, message]);
  }
  const wanted = ancestorsOf(messages, chosen);
  const way: Stop[] = [];
  let level = children.get(null) ?? [];
  while (level.length > 0) {
    const next = level.find((one) => wanted.has(one.id)) ?? newest(level, children);
    if (!next) break;
    way.push({ message: next, siblings: level.map((one) => one.id) });
    level = children.get(next.id) ?? [];
  }
  return way;
}

function ancestorsOf(messages: Message[], chosen: string | null): Set<string> {
  const byId = new Map(messages.map((one) => [one.id, one]));
  const found = new Set<string>();
  let at = chosen;
  while (at !== null && !found.has(at)) {
    found.add(at);
    at = byId.get(at)?.parent_id ?? null;
  }
  return found;
}

/** Ids grow with time, so the branch with the largest id below it is the one that was used last. */
function newest(level: Message[], children: Map<string | null, Message[]>): Message | undefined {
  const last = (one: Message): string =>
    [one.id, ...(children.get(one.id) ?? []).map(last)].toSorted().at(-1) ?? one.id;
  return level
    .map((one) => ({ one, id: last(one) }))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .at(0)?.one;
}
