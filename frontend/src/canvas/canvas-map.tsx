import { getNodesBounds, Panel, useReactFlow, useStoreApi } from "@xyflow/react";
import { memo, type PointerEvent, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { GROUP_PREFIX } from "@/domain/layout/layout";
import styles from "./canvas.module.css";
import type { CardModel } from "./card-model";
import type { CanvasNode } from "./graph";

const FEWEST = 9;
const MOST = 800;
const [WIDTH, HEIGHT] = [200, 150];

interface Shown {
  nodes: CanvasNode[];
  cards: ReadonlyMap<string, CardModel>;
}

/** The whole workflow in small, in the colours of a run. */
export const CanvasMap = memo(function CanvasMap(shown: Shown) {
  const { length } = shown.nodes;
  return length < FEWEST || length > MOST ? null : <Drawn {...shown} />;
});

/** Moving the view moves one frame: what the map shows is drawn again only when the document or a run says so. */
function Drawn({ nodes, cards }: Shown) {
  const { t } = useTranslation("canvas");
  const { setCenter, getZoom, zoomTo } = useReactFlow();
  const { getState, subscribe } = useStoreApi();
  const frame = useRef<HTMLDivElement>(null);
  const { left, top, scale } = useMemo(() => placed(nodes), [nodes]);
  const spots = useMemo(() => [...spotsOf(nodes, cards)], [nodes, cards]);
  useEffect(() => {
    const follow = () => {
      const { transform, width, height } = getState();
      const [x, y, zoom] = transform;
      const px = (value: number) => `${value / scale}px`;
      if (frame.current)
        Object.assign(frame.current.style, {
          // Not by its place: moving it needs no layout.
          transform: `translate(${px(-x / zoom - left)}, ${px(-y / zoom - top)})`,
          width: px(width / zoom),
          height: px(height / zoom),
        });
    };
    follow();
    return subscribe(follow);
  }, [getState, subscribe, left, top, scale]);
  const go = ({ buttons, currentTarget, clientX, clientY }: PointerEvent) => {
    const { x, y } = currentTarget.getBoundingClientRect();
    if (buttons > 0)
      setCenter(left + (clientX - x) * scale, top + (clientY - y) * scale, { zoom: getZoom() });
  };
  return (
    <Panel
      position="bottom-right"
      className={styles.minimap ?? ""}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
      onWheel={({ deltaY }) => zoomTo(getZoom() * 2 ** (deltaY / -500))}
    >
      <svg
        role="img"
        aria-label={t("minimap")}
        viewBox={`${left} ${top} ${WIDTH * scale} ${HEIGHT * scale}`}
      >
        {spots.map(([fill, d]) => (
          <path key={fill} d={d} style={{ fill }} />
        ))}
      </svg>
      <div ref={frame} />
    </Panel>
  );
}

/** How much of the canvas a pixel of the map is, and where its corner is. */
function placed(nodes: CanvasNode[]) {
  const { x, y, width, height } = getNodesBounds(nodes.filter((node) => !node.parentId));
  const scale = Math.max(width / WIDTH, height / HEIGHT) * 1.1;
  const middle = (from: number, length: number, room: number) => from + (length - room * scale) / 2;
  return { scale, left: middle(x, width, WIDTH), top: middle(y, height, HEIGHT) };
}

/** Return one path for each colour. */
function spotsOf(nodes: CanvasNode[], cards: ReadonlyMap<string, CardModel>): Map<string, string> {
  const paths = new Map<string, string>();
  const corners = new Map<string, { x: number; y: number }>();
  for (const { id, parentId, position, width, height } of nodes) {
    // What is inside a container stands after it, with a place in it.
    const { x, y } = corners.get(parentId ?? "") ?? { x: 0, y: 0 };
    const at = { x: x + position.x, y: y + position.y };
    corners.set(id, at);
    const colour = id.startsWith(GROUP_PREFIX) ? "var(--hover)" : colourOf(cards.get(id));
    paths.set(colour, `${paths.get(colour) ?? ""}M${at.x} ${at.y}h${width}v${height}h-${width}z`);
  }
  return paths;
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
