/** The list of completions at the caret of a field: arrows walk, Enter and Tab take, Esc puts it away. */
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { completed, completionsAt } from "@/domain/expressions/completions";
import type { JsonObject } from "@/domain/expressions/values";

type TextBox = HTMLInputElement | HTMLTextAreaElement;
export type CompletionHelp = ReturnType<typeof useCompletions>;

export function useCompletions(
  text: string,
  change: (text: string) => void,
  scope: JsonObject | undefined,
) {
  const list = useId();
  const [caret, setCaret] = useState<number>();
  const [at, setAt] = useState(0);
  const [closedAt, setClosedAt] = useState<string>();
  const box = useRef<TextBox>(null);
  const wanted = useRef<number>(undefined);
  const found = useMemo(
    () => (scope && caret !== undefined ? completionsAt(text, caret, scope) : undefined),
    [text, caret, scope],
  );
  const items = found && closedAt !== text ? found.items : [];
  const chosen = Math.min(at, items.length - 1);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    box.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });
  const take = (place: number) => {
    const item = items[place];
    if (!item || !found || caret === undefined) return;
    const next = completed(text, caret, found.from, item.insert);
    wanted.current = next.caret;
    setCaret(next.caret);
    setAt(0);
    change(next.text);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const keys: Record<string, () => void> = {
      ArrowDown: () => setAt((chosen + 1) % items.length),
      ArrowUp: () => setAt((chosen + items.length - 1) % items.length),
      Enter: () => take(chosen),
      Tab: () => take(chosen),
      Escape: () => setClosedAt(text),
    };
    const act = items.length > 0 && !event.shiftKey ? keys[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return {
    list,
    items,
    chosen,
    take,
    onKeyDown,
    follow: (target: TextBox) => {
      box.current = target;
      setCaret(target.selectionStart ?? undefined);
    },
    leave: () => setCaret(undefined),
    attributes:
      items.length > 0
        ? {
            "aria-autocomplete": "list" as const,
            "aria-controls": list,
            "aria-activedescendant": `${list}-${chosen}`,
          }
        : {},
  };
}
