/** The canvas by keyboard: one stop of the Tab key, arrows along the wires, every action on the focused card. */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Workflow } from "@/domain/document/workflow";
import { GROUP_PREFIX, NOTE_PREFIX, type Point } from "@/domain/layout/layout";
import { keysFor } from "@/shared/commands/command-store";
import { isTyping, keyOf } from "@/shared/commands/keys";
import { paced } from "@/shared/lib/paced";
import type { CanvasEvents, CanvasMode, Wire } from "./canvas-events";
import { byKeys } from "./canvas-keys";
import type { CardModel } from "./card-model";
import { neighbour, type Way } from "./neighbours";
import { useMoving } from "./use-moving";
import type { Writing } from "./writing";

interface Keys {
  workflow: Workflow;
  cards: ReadonlyMap<string, CardModel>;
  selection: ReadonlySet<string>;
  events: CanvasEvents;
  mode: CanvasMode;
  wires: Wire[];
  writing: Writing;
  /** The notes by their ids on the canvas. */
  notes: string[];
}

const WAYS: Record<string, Way> = {
  ArrowRight: "after",
  ArrowLeft: "before",
  ArrowDown: "next",
  ArrowUp: "previous",
};

export function useCanvasKeys(given: Keys) {
  const { workflow, cards, selection, events, mode, wires } = given;
  const { t } = useTranslation("canvas");
  const { getInternalNode, flowToScreenPosition, zoomTo, fitView } = useReactFlow();
  const focused = [...selection].at(-1);
  const store = useStoreApi();
  /** What was taken back may still be selected. */
  const isDrawn = (id = "") =>
    cards.has(id) || id.startsWith(GROUP_PREFIX) || given.notes.includes(id);
  const moving = useMoving(selection, events);
  const zooms = {
    canvas_whole: () => void zoomTo(1, { duration: paced(150) }),
    canvas_fit: () => void fitView({ duration: paced(200), padding: 0.18, maxZoom: 1.1 }),
    canvas_fit_selection: () =>
      void fitView({
        duration: paced(200),
        maxZoom: 1.1,
        nodes: [...selection].map((id) => ({ id })),
      }),
  };

  const go = (way: Way, isAdding: boolean) => {
    const found = neighbour(workflow, focused, way);
    if (!found) return;
    events.onSelect(isAdding ? [...selection, found] : [found]);
  };

  const addAfter = () => {
    const node = focused ? getInternalNode(focused) : undefined;
    if (!focused || !node) {
      const { x, y, width, height } =
        store.getState().domNode?.getBoundingClientRect() ?? new DOMRect();
      const screen = { x: x + width / 2 - 130, y: y + height / 3 };
      events.onAdd({ block: "steps", at: undefined, screen });
      return;
    }
    const beside = ({ x, y }: Point, gap: number) => ({ x: x + (node.width ?? 0) + gap, y });
    events.onAdd({
      block: workflow.byPath.get(focused)?.block.id ?? "steps",
      at: beside(node.position, 88),
      isBeside: true,
      screen: flowToScreenPosition(beside(node.internals.positionAbsolute, 24)),
      source: focused,
    });
  };

  const editing = {
    canvas_add: addAfter,
    canvas_add_too: addAfter,
    canvas_move: moving.begin,
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (isTyping(event.target)) return;
    if (mode === "edit" && moving.press(event)) {
      event.preventDefault();
      return;
    }
    const keys = keyOf(event);
    const own = byKeys(mode === "edit" ? { ...zooms, ...editing } : zooms)[keys];
    // With Alt an arrow chooses all that follow: a command of the page.
    const way = event.altKey ? undefined : WAYS[event.key];
    const act = own ?? (way ? () => go(way, event.shiftKey) : actionOf(event.key, keys));
    if (!act) return;
    event.preventDefault();
    act();
  };

  const actionOf = (key: string, keys: string): (() => void) | undefined => {
    if (keys.includes("Alt+")) return undefined;
    const beside = focused ? besideSteps(key, focused) : undefined;
    if (beside) return beside;
    if (key === "Enter") return focused ? () => events.onOpen(focused) : undefined;
    if (key === "Escape") return () => events.onSelect([]);
    if (keys === keysFor("select_all", "Mod+A"))
      return () => events.onSelect([...cards.keys(), ...given.notes]);
    return cut(key);
  };

  /** Notes and groups: F2 writes their words, Enter opens them. */
  const besideSteps = (key: string, id: string) => {
    const { write, fold } = given.writing;
    const isFrame = id.startsWith(GROUP_PREFIX);
    if (!isFrame && !id.startsWith(NOTE_PREFIX)) return undefined;
    if (key === "Enter" && isFrame) return () => fold(id.slice(GROUP_PREFIX.length));
    const isWriting = mode === "edit" && (key === "F2" || key === "Enter");
    return isWriting ? () => write(id) : undefined;
  };

  /** Delete takes wires that are selected; cards are the page's to remove. */
  const cut = (key: string) => {
    if ((key !== "Delete" && key !== "Backspace") || mode !== "edit" || wires.length === 0)
      return undefined;
    return () => events.onDisconnect(wires);
  };

  return {
    tabIndex: 0,
    role: "application",
    "aria-label": t("label"),
    "aria-description": t("help"),
    "aria-activedescendant": isDrawn(focused) ? focused : undefined,
    "data-command-place": true,
    onKeyDown,
  };
}
