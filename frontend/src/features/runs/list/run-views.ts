/** Lines that somebody keeps under a name: their own, in this browser. */
import { isRecord } from "@/shared/lib/problem";

export interface SavedView {
  name: string;
  line: string;
}

const MOST = 30;
export const LONGEST_NAME = 60;

const keyOf = (owner: string) => `flowloom.run-views.1.${owner}`;

/** Return the views of a person in a workspace; what cannot be read is none. */
export function readViews(owner: string): SavedView[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(owner)) ?? "[]");
    return Array.isArray(found) ? found.filter(isView).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function keepViews(owner: string, views: SavedView[]): void {
  localStorage.setItem(keyOf(owner), JSON.stringify(views));
}

/** Return the views with one more; the newest of a name counts. */
export function withView(views: SavedView[], view: SavedView): SavedView[] {
  return [view, ...views.filter(({ name }) => name !== view.name)].slice(0, MOST);
}

function isView(value: unknown): value is SavedView {
  return isRecord(value) && typeof value.name === "string" && typeof value.line === "string";
}
