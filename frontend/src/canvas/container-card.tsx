import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { CONTAINER_HEAD } from "@/domain/layout/sizes";
import { useCanvas } from "./canvas-events";
import { useCard } from "./card-store";
import styles from "./cards.module.css";
import type { StepNode } from "./graph";
import { looksTheSame } from "./looks-the-same";
import { CardHead } from "./step-card";

/** A step that draws the steps inside it. */
export const ContainerCard = memo(function ContainerCard({ id, selected }: NodeProps<StepNode>) {
  const card = useCard(id);
  const { mode } = useCanvas();
  if (!card) return null;
  const style = { top: CONTAINER_HEAD / 2 };
  return (
    <div
      id={id}
      role="group"
      aria-label={card.name}
      className={styles.container}
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
        style={style}
      />
      <CardHead card={card} />
      <Handle
        id="out"
        type="source"
        position={Position.Right}
        className={styles.handle}
        isConnectable={mode === "edit"}
        style={style}
      />
    </div>
  );
}, looksTheSame);
