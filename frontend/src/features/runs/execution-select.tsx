import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./run.module.css";

/** Which of a step's executions is looked at: it is one for each time that a loop came by. */
export default function ExecutionSelect(props: {
  executions: string[];
  current: string;
  onPick: (execution: string | undefined) => void;
}) {
  const { t } = useTranslation("runs");
  return (
    <Select
      className={styles.pick ?? ""}
      aria-label={t("execution")}
      data={props.executions}
      value={props.current}
      onChange={(next) => props.onPick(next ?? undefined)}
      searchable
      allowDeselect={false}
    />
  );
}
