/** What a person did on the canvas; the page decides what follows. */
import { createContext, useContext } from "react";
import type { Branch } from "@/domain/document/connections";
import type { Group, Note, Point } from "@/domain/layout/layout";

export interface Wire {
  source: string;
  target: string;
  branch?: Branch | undefined;
}
/** Where a new step is wanted. */
export interface AddRequest {
  block: string;
  /** On the canvas, inside the block's container; without it the layout finds a place. */
  at: Point | undefined;
  /** The place is only where one would look for it: nobody pointed there. */
  isBeside?: boolean;
  /** On the screen, for a list that opens there. */
  screen: Point;
  source?: string | undefined;
  branch?: Branch | undefined;
  /** The wire that it is put into. */
  into?: Wire | undefined;
}
export interface CanvasEvents {
  onSelect: (paths: string[]) => void;
  /** Steps by their paths, and notes as they are then: one step of undo. */
  onMove: (positions: Record<string, Point>, notes: Note[]) => void;
  onConnect: (wire: Wire) => void;
  onDisconnect: (wires: Wire[]) => void;
  onRefused: (wire: Wire) => void;
  onDropKind: (kind: string, request: AddRequest) => void;
  onAdd: (request: AddRequest) => void;
  onOpen: (path: string) => void;
  onNote: (note: Note) => void;
  onGroup: (group: Group) => void;
  /** For people who cannot see it. */
  onAnnounce: (text: string) => void;
}

const nothing = () => undefined;
export const NO_EVENTS: CanvasEvents = {
  onSelect: nothing,
  onMove: nothing,
  onConnect: nothing,
  onDisconnect: nothing,
  onRefused: nothing,
  onDropKind: nothing,
  onAdd: nothing,
  onOpen: nothing,
  onNote: nothing,
  onGroup: nothing,
  onAnnounce: nothing,
};

export type CanvasMode = "edit" | "run";
const EventsContext = createContext<{ events: CanvasEvents; mode: CanvasMode }>({
  events: NO_EVENTS,
  mode: "run",
});
export const CanvasEventsProvider = EventsContext.Provider;
export const useCanvas = () => useContext(EventsContext);

/** What a palette puts on the clipboard of a drag. */
export const DRAG_TYPE = "application/x-flowloom-kind";
