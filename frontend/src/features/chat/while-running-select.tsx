import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

export type WhileRunning = "queue" | "interrupt" | "reject";
const CHOICES: WhileRunning[] = ["queue", "interrupt", "reject"];

/** What a message does that is sent during an answer. */
export function WhileRunningSelect(props: {
  value: WhileRunning;
  onChange: (next: WhileRunning) => void;
}) {
  const { t } = useTranslation("chat");
  return (
    <Select
      label={t("while_running")}
      data={CHOICES.map((value) => ({ value, label: t(`while.${value}`) }))}
      value={props.value}
      allowDeselect={false}
      onChange={(next) => props.onChange(CHOICES.find((one) => one === next) ?? "queue")}
    />
  );
}
