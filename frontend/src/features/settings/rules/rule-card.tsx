import { Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Rule } from "@/api/generated";
import styles from "../parts/parts.module.css";
import { RuleActions } from "./rule-actions";
import { RuleFields } from "./rule-fields";

interface Props {
  rule: Rule;
  number: number;
  isLast: boolean;
  may: boolean;
  problemOf: (field: string) => string | undefined;
  onChange: (rule: Rule) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One rule; they are judged from the first to the last. */
export function RuleCard(props: Props) {
  const { t } = useTranslation("settings");
  const { rule, number, may, onChange } = props;
  const name = rule.name || t("rules.number", { number: number + 1 });
  return (
    <section className={styles.card} aria-label={name}>
      <div className={styles.cardHead}>
        <h2 className={styles.cardTitle}>{name}</h2>
        <Switch
          label={t("rules.enabled")}
          disabled={!may}
          checked={rule.enabled ?? true}
          onChange={(event) => onChange({ ...rule, enabled: event.currentTarget.checked })}
        />
      </div>
      <RuleFields rule={rule} may={may} problemOf={props.problemOf} onChange={onChange} />
      {may && (
        <RuleActions
          name={name}
          isFirst={number === 0}
          isLast={props.isLast}
          onMove={props.onMove}
          onRemove={props.onRemove}
        />
      )}
    </section>
  );
}
