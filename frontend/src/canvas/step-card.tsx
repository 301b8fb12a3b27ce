import { IconAlertTriangleFilled, IconFilter, IconPinFilled } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { BRANCH_HEIGHT, CARD } from "@/domain/layout/sizes";
import { useCanvas } from "./canvas-events";
import type { CardModel } from "./card-model";
import { CardStateLine } from "./card-state";
import { useCard } from "./card-store";
import styles from "./cards.module.css";
import type { StepNode } from "./graph";
import { LiveLines } from "./live-lines";
import { looksTheSame } from "./looks-the-same";
import { StepIcon } from "./step-icon";

/** One step. It draws itself from its own model; the node knows only its path. */
export const StepCard = memo(function StepCard({ id, selected }: NodeProps<StepNode>) {
  const card = useCard(id);
  const { mode } = useCanvas();
  if (!card) return null;
  return (
    <div
      id={id}
      role="group"
      aria-label={card.name}
      className={styles.card}
      data-category={card.category}
      data-selected={selected || undefined}
      data-status={card.state?.status}
      data-off={card.isOff || undefined}
      data-bad={card.errors > 0 || undefined}
    >
      <Handle
        id="in"
        type="target"
        position={Position.Left}
        className={styles.handle}
        isConnectable={mode === "edit"}
        style={{ top: CARD.height / 2 }}
      />
      <CardHead card={card} />
      {card.branches.map((branch) => (
        <Branch key={branch.index} card={card} index={branch.index} />
      ))}
      {card.kind === "switch" ? null : (
        <Handle
          id="out"
          type="source"
          position={Position.Right}
          className={styles.handle}
          isConnectable={mode === "edit"}
          style={{ top: CARD.height / 2 }}
        />
      )}
      {mode === "run" && card.state?.status === "running" && <LiveLines path={card.state.focus} />}
    </div>
  );
}, looksTheSame);

export function CardHead({ card }: { card: CardModel }) {
  const { t } = useTranslation("canvas");
  return (
    <div className={styles.head}>
      <span className={styles.icon} aria-hidden>
        <StepIcon name={card.icon} />
      </span>
      <div className={styles.words}>
        <span className={styles.title}>
          {card.title}
          {card.isPinned && <PinMark />}
          {card.isOff && <span className={styles.off}>{t("off")}</span>}
          {card.hasCondition && <IconFilter size={12} className={styles.condition} />}
        </span>
        {card.state ? (
          <CardStateLine state={card.state} />
        ) : (
          <span className={styles.subtitle}>{card.subtitle}</span>
        )}
      </div>
      <ProblemMark card={card} />
    </div>
  );
}

function PinMark() {
  const { t } = useTranslation("canvas");
  return (
    <span className={styles.pin} role="img" aria-label={t("pin_mark")} title={t("pin_mark")}>
      <IconPinFilled size={12} />
    </span>
  );
}

function ProblemMark({ card }: { card: CardModel }) {
  const { t } = useTranslation("canvas");
  if (card.errors + card.warnings === 0) return null;
  const label = t("problems", { count: card.errors + card.warnings });
  return (
    <span
      className={styles.problem}
      data-warning={card.errors === 0 || undefined}
      title={label}
      role="img"
      aria-label={label}
    >
      <IconAlertTriangleFilled size={15} />
    </span>
  );
}

function Branch({ card, index }: { card: CardModel; index: number }) {
  const { t } = useTranslation("canvas");
  const { mode } = useCanvas();
  const branch = card.branches[index];
  if (!branch) return null;
  return (
    <div className={styles.branch} style={{ height: BRANCH_HEIGHT }} title={branch.label}>
      <span>{branch.isElse ? t("else") : branch.label || t("case")}</span>
      <Handle
        id={`case-${index}`}
        type="source"
        position={Position.Right}
        className={styles.handle}
        isConnectable={mode === "edit"}
        style={{ top: CARD.height + BRANCH_HEIGHT * (index + 0.5) }}
      />
    </div>
  );
}
