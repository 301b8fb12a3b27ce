import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useCanvas } from "./canvas-events";
import type { WireEdge } from "./graph";
import styles from "./wires.module.css";

/** A wire between two steps; in its middle a step can be put in. */
export const Wire = memo(function Wire(props: EdgeProps<WireEdge>) {
  const { id, data, selected } = props;
  const { mode } = useCanvas();
  const [path, x, y] = getBezierPath({ ...props, curvature: 0.32 });
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={24}
        className={styles.wire ?? ""}
        data-type={data?.type}
        data-tone={data?.tone}
        data-selected={selected || undefined}
      />
      {mode === "edit" && <InsertButton wire={props} x={x} y={y} />}
    </>
  );
});

function InsertButton({ wire, x, y }: { wire: EdgeProps<WireEdge>; x: number; y: number }) {
  const { t } = useTranslation("canvas");
  const { events } = useCanvas();
  const insert = (event: React.MouseEvent) => {
    const { source, target, data } = wire;
    events.onAdd({
      block: source.slice(0, source.lastIndexOf(".")),
      at: { x, y },
      screen: { x: event.clientX, y: event.clientY },
      into: { source, target, branch: data?.branch },
    });
  };
  return (
    <EdgeLabelRenderer>
      <button
        type="button"
        data-wire={wire.id}
        tabIndex={-1}
        className={`${styles.insert} nodrag nopan`}
        style={{ left: x, top: y }}
        aria-label={t("insert")}
        title={t("insert")}
        onClick={insert}
      >
        +
      </button>
    </EdgeLabelRenderer>
  );
}
