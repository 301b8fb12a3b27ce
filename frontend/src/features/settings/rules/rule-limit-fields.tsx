import { NumberInput, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RuleLimit } from "@/api/generated";
import { Notice } from "../parts/notice";
import styles from "../parts/parts.module.css";

/** How much a rule allows, for each run or each day of the workspace. */
export function RuleLimitFields(props: {
  limit: RuleLimit;
  may: boolean;
  problem: string | undefined;
  onChange: (limit: RuleLimit) => void;
}) {
  const { t } = useTranslation("settings");
  const { limit, may, onChange } = props;
  const amount = (name: "tokens" | "usd" | "runs") => (
    <NumberInput
      label={t(`rules.limit.${name}`)}
      min={0}
      allowDecimal={name === "usd"}
      disabled={!may}
      value={limit[name] ?? ""}
      onChange={(value) => onChange({ ...limit, [name]: value === "" ? null : Number(value) })}
    />
  );
  return (
    <>
      <div className={styles.choices}>
        <Select
          label={t("rules.limit.per")}
          allowDeselect={false}
          disabled={!may}
          value={limit.per ?? "run"}
          onChange={(per) => onChange({ ...limit, per: per === "day" ? "day" : "run" })}
          data={(["run", "day"] as const).map((value) => ({
            value,
            label: t(`rules.limit.pers.${value}`),
          }))}
        />
        {amount("tokens")}
        {amount("usd")}
        {amount("runs")}
      </div>
      {props.problem && <Notice tone="failed">{props.problem}</Notice>}
    </>
  );
}
