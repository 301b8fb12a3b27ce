import { MiniMap, type MiniMapNodeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { GROUP_PREFIX } from "@/domain/layout/layout";
import styles from "./canvas.module.css";
import type { CardModel } from "./card-model";
import { useCard } from "./card-store";

const FEWEST = 9;
const MOST = 800;

/** The whole workflow in small, in the colours of a run. */
export const CanvasMap = memo(function CanvasMap({ count }: { count: number }) {
  const { t } = useTranslation("canvas");
  if (count < FEWEST || count > MOST) return null;
  return (
    <MiniMap
      pannable
      zoomable
      className={styles.minimap ?? ""}
      ariaLabel={t("minimap")}
      nodeComponent={Spot}
      maskColor="var(--map-mask)"
    />
  );
});

/** One node of the map. It has its colour from its own card, so that a change of one draws one. */
function Spot({ id, x, y, width, height, borderRadius }: MiniMapNodeProps) {
  const card = useCard(id);
  return (
    <rect
      x={x}
      y={y}
      rx={borderRadius}
      width={width}
      height={height}
      style={{ fill: id.startsWith(GROUP_PREFIX) ? "var(--hover)" : colourOf(card) }}
    />
  );
}

function colourOf(card: CardModel | undefined): string {
  if (!card) return "var(--note-yellow)";
  const status = card.state?.status;
  if (
    status === "running" ||
    status === "succeeded" ||
    status === "failed" ||
    status === "waiting"
  ) {
    return `var(--status-${status})`;
  }
  return card.isContainer ? "var(--hover)" : `var(--kind-${card.category})`;
}
