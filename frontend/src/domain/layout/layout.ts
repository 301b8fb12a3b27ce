/** Where the steps stand on the canvas, and what is drawn beside them: saved with the source, never part of a run. */
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";

export interface Point {
  x: number;
  y: number;
}
export const NOTE_COLOURS = ["yellow", "blue", "green", "pink", "grey"] as const;

export type NoteColour = (typeof NOTE_COLOURS)[number];
export interface Note extends Point {
  id: string;
  width: number;
  height: number;
  text: string;
  colour: NoteColour;
}
export interface Group {
  id: string;
  title: string;
  members: string[];
  colour: NoteColour;
}
/** How a selection calls what is no step: these before its id. */
export const NOTE_PREFIX = "note:";
export const GROUP_PREFIX = "group:";

export interface Layout {
  version: 1;
  /** By the path of the step; inside a loop relative to it. */
  nodes: Record<string, Point>;
  notes: Note[];
  groups: Group[];
  /** Outputs that runs of the draft are given instead of running the step, by the path of the step. */
  pins: JsonObject;
}

export const EMPTY_LAYOUT: Layout = { version: 1, nodes: {}, notes: [], groups: [], pins: {} };

/** Read a layout; what cannot be read is left out, since losing a position loses no work. */
export function readLayout(value: JsonObject | null | undefined): Layout {
  const found = value ?? {};
  return {
    version: 1,
    nodes: readPoints(found.nodes),
    notes: listOf(found.notes).flatMap(readNote),
    groups: listOf(found.groups).flatMap(readGroup),
    pins: isMap(found.pins) ? found.pins : {},
  };
}

/** Read places by the names of what stands there. */
export function readPoints(value: JsonValue | undefined): Record<string, Point> {
  const found: Record<string, Point> = {};
  for (const [name, place] of Object.entries(isMap(value) ? value : {})) {
    if (isMap(place) && typeof place.x === "number" && typeof place.y === "number") {
      found[name] = { x: place.x, y: place.y };
    }
  }
  return found;
}

function readNote({ id, x, y, width, height, text, colour }: JsonObject): Note[] {
  const isWhole =
    typeof id === "string" &&
    typeof text === "string" &&
    typeof x === "number" &&
    typeof y === "number" &&
    typeof width === "number" &&
    typeof height === "number";
  return isWhole ? [{ id, x, y, width, height, text, colour: colourOf(colour, "yellow") }] : [];
}

function readGroup({ id, title, members, colour }: JsonObject): Group[] {
  if (typeof id !== "string" || typeof title !== "string" || !Array.isArray(members)) return [];
  const named = members.filter((member) => typeof member === "string");
  return [{ id, title, members: named, colour: colourOf(colour, "grey") }];
}

function colourOf(value: JsonValue | undefined, otherwise: NoteColour): NoteColour {
  return NOTE_COLOURS.find((colour) => colour === value) ?? otherwise;
}

function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

/** Return the layout after a step and what is inside it has another path, or none. */
export function withPath(found: Layout, old: string, path: string | undefined): Layout {
  const follow = (one: string) => {
    if (one !== old && !one.startsWith(`${old}.`)) return one;
    return path === undefined ? undefined : path + one.slice(old.length);
  };
  const followed = <Value>(kept: Record<string, Value>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(kept).flatMap(([one, value]) => {
        const now = follow(one);
        return now === undefined ? [] : [[now, value] as const];
      }),
    );
  const groups = found.groups.map((one) => ({
    ...one,
    members: one.members.map(follow).filter((member) => member !== undefined),
  }));
  return {
    ...found,
    nodes: followed(found.nodes),
    pins: followed(found.pins),
    groups: groups.filter((one) => one.members.length > 0),
  };
}
