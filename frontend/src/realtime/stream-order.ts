/** Puts events in their order: nothing twice, nothing missing. Pure, so that every bad delivery can be tried. */
import type { RunEvent } from "@/domain/runs/apply-event";

export interface Position {
  epoch: number;
  seq: number;
}
export interface Ordered {
  position: Position;
  /** Events that follow without a gap. */
  ready: RunEvent[];
  /** Events that came too early. */
  held: RunEvent[];
  /** The client starts again from a snapshot. */
  restart: Extract<RunEvent, { type: "stream.resync.v1" }> | undefined;
  /** A newer epoch was seen without its snapshot. */
  isMoved: boolean;
}

/** Return what can be applied of new and held events. */
export function inOrder(position: Position, events: readonly RunEvent[]): Ordered {
  let at = position;
  const ready: RunEvent[] = [];
  let restart: Ordered["restart"];
  let isMoved = false;
  const waiting = new Map<number, RunEvent>();
  for (const event of events) {
    if (event.type === "stream.resync.v1") {
      restart = event;
      at = readCursor(event.data.cursor);
      ready.length = 0;
      waiting.clear();
    } else if (event.type === "stream.head.v1") {
      ready.push(event);
    } else if (event.epoch > at.epoch && at.seq > 0) {
      isMoved = true;
    } else if (event.seq > at.seq) {
      waiting.set(event.seq, event);
    }
  }
  for (let next = waiting.get(at.seq + 1); next; next = waiting.get(at.seq + 1)) {
    waiting.delete(at.seq + 1);
    at = { epoch: next.epoch, seq: at.seq + 1 };
    ready.push(next);
  }
  const held = [...waiting.values()].filter((event) => "seq" in event && event.seq > at.seq);
  return { position: at, ready, held, restart, isMoved };
}

export function readCursor(cursor: string): Position {
  const [epoch = 0, seq = 0] = cursor.split(":").map(Number);
  return { epoch, seq };
}

export function writeCursor({ epoch, seq }: Position): string {
  return `${epoch}:${seq}`;
}
