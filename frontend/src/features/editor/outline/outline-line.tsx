import { ActionIcon } from "@mantine/core";
import { IconAlertTriangleFilled, IconChevronRight, IconPinFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { StepType } from "@/api/generated";
import { StepIcon } from "@/canvas/step-icon";
import styles from "./outline.module.css";
import type { OutlineRow } from "./outline-rows";

interface OutlineLineProps {
  row: OutlineRow;
  position: number;
  top: number;
  type: StepType | undefined;
  problems: { errors: number; warnings: number } | undefined;
  isSelected: boolean;
  isPinned: boolean;
  isClosed: boolean;
  onSelect: () => void;
  onFold: () => void;
}

/** One step: its name and kind, what is wrong with it, what it gets and gives. */
export function OutlineLine(props: OutlineLineProps) {
  const { row, position, top, type, problems, isSelected, isPinned, isClosed } = props;
  const { onSelect, onFold } = props;
  const { t } = useTranslation("editor");
  const { step, level, from, to, hasInside } = row;
  const count = (problems?.errors ?? 0) + (problems?.warnings ?? 0);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it has the keys of all rows
    <div
      id={`row-${step.path}`}
      role="row"
      aria-level={level}
      aria-rowindex={position}
      aria-selected={isSelected}
      aria-expanded={hasInside ? !isClosed : undefined}
      className={styles.row}
      style={{ transform: `translateY(${top}px)`, paddingInlineStart: 8 + (level - 1) * 18 }}
      onClick={onSelect}
    >
      <ActionIcon
        size="sm"
        tabIndex={-1}
        className={styles.fold ?? ""}
        data-empty={!hasInside || undefined}
        aria-label={t(isClosed ? "outline.open" : "outline.close", { id: step.id })}
        onClick={(event) => {
          event.stopPropagation();
          onFold();
        }}
      >
        <IconChevronRight size={14} data-open={!isClosed || undefined} />
      </ActionIcon>
      <span role="gridcell" className={styles.name} data-category={type?.category}>
        <StepIcon name={type?.icon ?? "puzzle"} size={15} />
        {step.id}
        {isPinned && (
          <span role="img" aria-label={t("outline.pinned")} className={styles.pin}>
            <IconPinFilled size={12} />
          </span>
        )}
        <span className={styles.kind}>{type?.title ?? (step.kind || t("outline.unknown"))}</span>
      </span>
      <span role="gridcell" className={styles.links}>
        {from.length > 0 && t("outline.from", { steps: from.join(", ") })}{" "}
        {to.length > 0 && t("outline.to", { steps: to.join(", ") })}
      </span>
      <span role="gridcell" className={styles.problems}>
        {count > 0 && (
          <>
            <IconAlertTriangleFilled size={13} aria-hidden /> {t("problem_count", { count })}
          </>
        )}
      </span>
    </div>
  );
}
