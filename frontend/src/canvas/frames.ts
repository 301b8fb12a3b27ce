/** Groups as frames around their steps; a closed one stands for them, and their wires end on it. */
import type { Workflow } from "@/domain/document/workflow";
import type { Placed } from "@/domain/layout/arrange";
import { GROUP_PREFIX, type Group, type Layout, type Point } from "@/domain/layout/layout";
import { CARD, type Size } from "@/domain/layout/sizes";
import { joinedState } from "@/domain/runs/joined-state";
import type { CardState } from "@/domain/runs/step-states";
import type { WireEdge } from "./graph";

export const FRAME_HEAD = 32;
const PAD = 24;

export interface Frame extends Point, Size {
  group: Group;
  isClosed: boolean;
  /** The places of its steps, each as the document has it: beside others of its block. */
  members: Record<string, Point>;
  state: CardState | undefined;
}

interface Shown {
  workflow: Workflow;
  layout: Layout;
  places: ReadonlyMap<string, Placed>;
  states: ReadonlyMap<string, CardState>;
  closed: ReadonlySet<string>;
}

/** Return the frames of all groups that have a step on the canvas. */
export function framesOf({ workflow, layout, places, states, closed }: Shown): Frame[] {
  return layout.groups.flatMap((group) => {
    const found = outermost(group.members.filter((path) => workflow.byPath.has(path)));
    const members = found.map((path) => places.get(path)).filter((place) => place !== undefined);
    if (members.length === 0) return [];
    const isClosed = closed.has(group.id);
    const inside = [...states].filter(([path]) => isWithin(path, found)).map(([, state]) => state);
    return {
      group,
      isClosed,
      members: Object.fromEntries(members.map(({ path, x, y }) => [path, { x, y }])),
      state: joinedState(inside),
      ...boxAround(members, places, isClosed),
    };
  });
}

function outermost(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`)));
}

function isWithin(path: string, members: readonly string[]): boolean {
  return members.some((member) => path === member || path.startsWith(`${member}.`));
}

function boxAround(
  members: readonly Placed[],
  places: ReadonlyMap<string, Placed>,
  isClosed: boolean,
): Point & Size {
  const boxes = members.map((place) => ({ ...place, ...absolute(place, places) }));
  const x = Math.min(...boxes.map((box) => box.x)) - PAD;
  const y = Math.min(...boxes.map((box) => box.y)) - PAD - FRAME_HEAD;
  if (isClosed) return { x, y, width: CARD.width, height: CARD.height + FRAME_HEAD };
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + PAD;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + PAD;
  return { x, y, width: right - x, height: bottom - y };
}

/** A step inside a loop stands relative to it. */
function absolute(place: Placed, places: ReadonlyMap<string, Placed>): Point {
  const outer = place.parent === undefined ? undefined : places.get(place.parent);
  if (!outer) return { x: place.x, y: place.y };
  const origin = absolute(outer, places);
  return { x: origin.x + place.x, y: origin.y + place.y };
}

/** Return which frame stands for each step that is hidden in a closed one. */
export function standIns(
  frames: readonly Frame[],
  places: ReadonlyMap<string, Placed>,
): Map<string, string> {
  const closed = frames.filter((frame) => frame.isClosed);
  return new Map(
    [...places.keys()].flatMap((path) => {
      const frame = closed.find(({ members }) => isWithin(path, Object.keys(members)));
      return frame ? [[path, GROUP_PREFIX + frame.group.id] as const] : [];
    }),
  );
}

/** Return the wires as they are seen: those inside a closed group are not, others end on it. */
export function foldedWires(wires: WireEdge[], standing: ReadonlyMap<string, string>): WireEdge[] {
  if (standing.size === 0) return wires;
  const seen = new Map<string, WireEdge>();
  for (const wire of wires) {
    const [source, target] = [standing.get(wire.source), standing.get(wire.target)];
    if (source === undefined && target === undefined) seen.set(wire.id, wire);
    else if (source !== target) {
      const ends = { source: source ?? wire.source, target: target ?? wire.target };
      const sourceHandle = source === undefined ? (wire.sourceHandle ?? "out") : "out";
      const id = `${ends.source}#${sourceHandle}>${ends.target}`;
      seen.set(id, { ...wire, ...ends, id, sourceHandle, selectable: false });
    }
  }
  return [...seen.values()];
}
