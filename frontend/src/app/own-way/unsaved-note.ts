/** Whose wishes this browser holds, and which of them the gateway has not got yet. */
import { isRecord } from "@/shared/lib/problem";
import { isWish, type Wish } from "./preferences";

const KEY = "flowloom.prefs.unsaved.1";

interface Note {
  owner: string;
  unsaved: Wish[];
}

export function readNote(): Note {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (!isRecord(found) || typeof found.owner !== "string") return { owner: "", unsaved: [] };
    return {
      owner: found.owner,
      unsaved: Array.isArray(found.unsaved) ? found.unsaved.filter(isWish) : [],
    };
  } catch {
    return { owner: "", unsaved: [] };
  }
}

export function writeNote(note: Note): void {
  localStorage.setItem(KEY, JSON.stringify(note));
}
