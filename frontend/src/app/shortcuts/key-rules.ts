/** Which keys a command may have, and who has them already. */
import type { Assignable, Place } from "./assignable";

/** What a person has chosen: keys by command. */
export type OwnKeys = Readonly<Record<string, string>>;
export type Refusal = "reserved" | "typed";

/** Browsers, fields and the canvas need them; a page cannot have most of them at all. */
const RESERVED = new Set(
  `Tab Shift+Tab Esc Enter Space Shift+Space ArrowUp ArrowDown ArrowLeft ArrowRight Shift+ArrowUp Shift+ArrowDown
  Shift+ArrowLeft Shift+ArrowRight Home End PageUp PageDown F5 F11 F12 Shift+F10 Mod+C Mod+X Mod+V Mod+Shift+V Mod+N
  Mod+T Mod+W Mod+R Mod+L Mod+Q Mod+Shift+N Mod+Shift+T Mod+Shift+W Mod+Shift+R Mod+Tab`.split(
    /\s+/,
  ),
);
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"]);

/** Whether nothing but a key that changes others was pressed. */
export function isOnlyModifier(key: string): boolean {
  return MODIFIERS.has(key);
}

export function keysOf(one: Assignable, own: OwnKeys): string {
  return own[one.id] ?? one.standard;
}

/** Return why a command may not have these keys. */
export function refusalOf(one: Assignable, keys: string): Refusal | undefined {
  if (keys === one.standard) return undefined;
  if (RESERVED.has(keys)) return "reserved";
  const isCharacter =
    !/^(?:Mod|Alt|Shift\+Alt)\+/.test(keys) && [...keys.replace("Shift+", "")].length === 1;
  return one.isForFields && isCharacter ? "typed" : undefined;
}

/** Return the other command that would hear the same keys. */
export function clashOf(
  one: Assignable,
  keys: string,
  { all, own }: { all: readonly Assignable[]; own: OwnKeys },
): Assignable | undefined {
  if (!keys) return undefined;
  return all.find(
    (other) => other.id !== one.id && meet(one.place, other.place) && keysOf(other, own) === keys,
  );
}

/** Return all choices after one more; whoever had these keys has none then. */
export function withKeys(
  own: OwnKeys,
  one: Assignable,
  { keys, clash }: { keys: string; clash?: Assignable | undefined },
): Record<string, string> {
  const next: Record<string, string> = { ...own, [one.id]: keys };
  if (clash) next[clash.id] = "";
  // What is as it was in the beginning follows later releases.
  for (const { id, standard } of [one, ...(clash ? [clash] : [])])
    if (next[id] === standard) delete next[id];
  return next;
}

function meet(one: Place, other: Place): boolean {
  const isBuilder = (place: Place) => place === "builder" || place === "canvas";
  return (
    one === other ||
    one === "everywhere" ||
    other === "everywhere" ||
    (isBuilder(one) && isBuilder(other))
  );
}
