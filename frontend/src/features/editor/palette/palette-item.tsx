import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { StepType } from "@/api/generated";
import { DRAG_TYPE } from "@/canvas/canvas-events";
import { StepIcon } from "@/canvas/step-icon";
import styles from "./palette.module.css";

export function PaletteItem({ type, onAdd }: { type: StepType; onAdd: (type: StepType) => void }) {
  const { t } = useTranslation("editor");
  const reason = type.available ? type.description : t("not_available");
  return (
    <UnstyledButton
      data-hint={reason}
      data-hint-at="side"
      className={styles.item ?? ""}
      data-category={type.category}
      aria-disabled={!type.available || undefined}
      draggable={type.available}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, type.kind);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={() => type.available && onAdd(type)}
    >
      <span className={styles.icon} aria-hidden>
        <StepIcon name={type.icon} size={16} />
      </span>
      {type.title}
    </UnstyledButton>
  );
}
