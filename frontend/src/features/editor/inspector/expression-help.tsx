import { useDeferredValue, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { previewOf } from "@/domain/expressions/preview";
import type { JsonObject } from "@/domain/expressions/values";
import styles from "./inspector.module.css";
import type { CompletionHelp } from "./use-completions";

/** Below a text: what fits at the caret, and what the whole becomes with the data of the last run. */
export function ExpressionHelp(props: { text: string; scope: JsonObject; help: CompletionHelp }) {
  const { t } = useTranslation("editor");
  const { scope, help } = props;
  // Typing is never held up by a value that takes long.
  const text = useDeferredValue(props.text);
  const preview = useMemo(() => previewOf(text, scope), [text, scope]);
  return (
    <>
      {help.items.length > 0 && (
        <div
          id={help.list}
          role="listbox"
          tabIndex={-1}
          aria-label={t("expressions.completions")}
          className={styles.completions}
        >
          {help.items.map(({ insert, detail }, place) => (
            <div
              key={insert}
              id={`${help.list}-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === help.chosen}
              // The field keeps the focus.
              onPointerDown={(event) => {
                event.preventDefault();
                help.take(place);
              }}
            >
              <code>{insert}</code> <span>{detail}</span>
            </div>
          ))}
        </div>
      )}
      {preview && (
        <div className={styles.preview} data-bad={!preview.ok || undefined}>
          <span>{t(preview.ok ? "expressions.preview" : "expressions.no_preview")}</span>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too */}
          <pre tabIndex={0}>{preview.ok ? preview.text : preview.message}</pre>
        </div>
      )}
    </>
  );
}
