/** Keys as texts: `Mod+Shift+Z`, where Mod is Cmd on a Mac and Ctrl elsewhere. */

const NAMES: Record<string, string> = { " ": "Space", Escape: "Esc" };

interface Pressed {
  key: string;
  metaKey: boolean;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** Return what was pressed; Shift counts only where it does not make another character. */
export function keyOf({ key, metaKey, ctrlKey, shiftKey, altKey }: Pressed): string {
  const isLetter = /^\p{L}$/u.test(key);
  const name = NAMES[key] ?? (isLetter ? key.toUpperCase() : key);
  const isOwn = key.length === 1 && !isLetter && key !== " ";
  const parts = [
    metaKey || ctrlKey ? "Mod" : "",
    shiftKey && !isOwn ? "Shift" : "",
    altKey ? "Alt" : "",
  ];
  return [...parts, name].filter(Boolean).join("+");
}

/** Whether what is pressed belongs to the field it is pressed in. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const SIGNS: Record<string, string> = {
  ArrowRight: "→",
  ArrowLeft: "←",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

/** Return the keys one by one, as they are printed on the keyboard. */
export function printedKeys(
  keys: string,
  isMac = /Mac|iPhone|iPad/.test(navigator.platform),
): string[] {
  return keys
    .split("+")
    .map((key) => (key === "Mod" ? (isMac ? "⌘" : "Ctrl") : (SIGNS[key] ?? key)));
}
