import { Checkbox, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { McpToolSeen } from "@/api/generated";
import styles from "../parts/parts.module.css";
import { type Agreed, EFFECTS, type Effect } from "./server-fields";

/** A tool with the words that a model will read; everything in it was written by others. */
export type ToolWords = McpToolSeen;

const TONES: Record<McpToolSeen["state"], string | undefined> = {
  new: undefined,
  agreed: "good",
  changed: "bad",
  gone: "bad",
};

/** One tool of a server: whether workflows may call it, and what a repeated call would do. */
export function ToolLine(props: {
  words: ToolWords;
  agreed: Agreed | undefined;
  onAgree: (isWanted: boolean) => void;
  onEffect: (effect: Effect) => void;
}) {
  const { t } = useTranslation("settings");
  const { words, agreed, onAgree, onEffect } = props;
  const { name, state, description, suggested_effect, input_schema } = words;
  // Agreed to in other words than those that are shown: that counts for nothing any more.
  const isAgreed = agreed?.digest === words.digest;
  return (
    <div className={styles.tool}>
      <Checkbox
        label={<code>{name}</code>}
        aria-label={t("mcp.agree_to", { name })}
        checked={agreed !== undefined && isAgreed}
        indeterminate={agreed !== undefined && !isAgreed}
        disabled={state === "gone" && !agreed}
        onChange={(event) => onAgree(event.currentTarget.checked && state !== "gone")}
      />
      {state !== "new" && (
        <span className={styles.tag} data-tone={TONES[state]}>
          {t(`mcp.states.${state}`)}
        </span>
      )}
      <p className={styles.toolText}>{description || t("mcp.no_description")}</p>
      {agreed && isAgreed && (
        <Select
          size="xs"
          label={t("mcp.effect_of", { name })}
          description={t("mcp.suggests", { effect: t(`mcp.effects.${suggested_effect}`) })}
          allowDeselect={false}
          value={agreed.effect}
          onChange={(value) => onEffect(EFFECTS.find((one) => one === value) ?? "once")}
          data={EFFECTS.map((value) => ({ value, label: t(`mcp.effects.${value}`) }))}
        />
      )}
      {Object.keys(input_schema).length > 0 && (
        <details className={styles.more}>
          <summary>{t("mcp.schema")}</summary>
          <pre>{JSON.stringify(input_schema, null, 2)}</pre>
        </details>
      )}
    </div>
  );
}
