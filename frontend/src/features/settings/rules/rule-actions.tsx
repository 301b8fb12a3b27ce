import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "../parts/parts.module.css";

export function RuleActions(props: {
  name: string;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("settings");
  const { name } = props;
  const button = (key: "up" | "down" | "remove", isDisabled: boolean, act: () => void) => (
    <Button
      variant="default"
      size="xs"
      disabled={isDisabled}
      aria-label={t(`rules.${key}_of`, { name })}
      onClick={act}
    >
      {t(`rules.${key}`)}
    </Button>
  );
  return (
    <div className={styles.actions}>
      {button("up", props.isFirst, () => props.onMove(-1))}
      {button("down", props.isLast, () => props.onMove(1))}
      {button("remove", false, props.onRemove)}
    </div>
  );
}
