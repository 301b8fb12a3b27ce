/** Moves what is selected by arrow keys: M begins, Enter ends, Esc puts it back. */
import { useReactFlow } from "@xyflow/react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "@/domain/layout/layout";
import type { CanvasEvents } from "./canvas-events";
import { movesOf } from "./carrying";
import type { CanvasNode } from "./graph";

const WAYS: Record<string, Point> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

interface Pressed {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
}
interface Moving {
  nodes: CanvasNode[];
  by: Point;
}

export function useMoving(selection: ReadonlySet<string>, events: CanvasEvents) {
  const { t } = useTranslation("canvas");
  const { getNode } = useReactFlow<CanvasNode>();
  const moving = useRef<Moving>(undefined);

  const begin = () => {
    const found = [...selection].map((id) => getNode(id)).filter((node) => node !== undefined);
    if (found.length === 0) return;
    moving.current = { nodes: found, by: { x: 0, y: 0 } };
    events.onAnnounce(t("moving"));
  };

  const move = ({ nodes, by }: Moving) => {
    const places = nodes.map(({ id, position: { x, y } }): [string, Point] => [
      id,
      { x: x + by.x, y: y + by.y },
    ]);
    const { positions, notes } = movesOf(nodes, new Map(places));
    events.onMove(positions, notes);
  };

  const end = (isKept: boolean) => {
    if (!isKept && moving.current) move({ ...moving.current, by: { x: 0, y: 0 } });
    moving.current = undefined;
    events.onAnnounce(t(isKept ? "moved" : "move_undone"));
  };

  /** Whether the key was one of moving. */
  const press = ({ key, shiftKey, altKey }: Pressed): boolean => {
    if (!moving.current) return false;
    if (key === "Enter" || key === "Escape") {
      end(key === "Enter");
      return true;
    }
    const way = WAYS[key];
    if (!way) return false;
    const { nodes, by } = moving.current;
    const step = altKey ? 1 : shiftKey ? 40 : 8;
    moving.current = { nodes, by: { x: by.x + way.x * step, y: by.y + way.y * step } };
    move(moving.current);
    return true;
  };

  return { begin, press };
}
