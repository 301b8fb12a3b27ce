/** What waits for a person, as their stream tells it: each state replaces the one before, so none has to be made up for. */
import type { Notification } from "@/api/generated";
import type { Line } from "./line";
import { type Position, readCursor } from "./stream-order";

/** A notification on its way: fields that do not apply are absent. */
type ToldNotification = Omit<Notification, "read_at" | "run_id" | "workflow"> &
  Partial<Pick<Notification, "read_at" | "run_id" | "workflow">>;

export interface PersonState {
  unread: number;
  /** The newest that are unread. */
  newest: ToldNotification[];
  /** Open decisions, counted to a hundred; absent without the permission. */
  approvals?: number;
}
type PersonEvent =
  | { stream: string; type: "person.changed.v1"; epoch: number; seq: number; data: PersonState }
  | { stream: string; type: "stream.resync.v1"; data: { cursor: string; snapshot: PersonState } };
interface Subscribed {
  ok: boolean;
  cursor?: string;
  snapshot?: PersonState;
}

export interface PersonListener {
  onState: (state: PersonState) => void;
  /** Nothing is told any more: whoever needs to know asks. */
  onAway: () => void;
}

export class PersonFeed {
  private position: Position = { epoch: 0, seq: 0 };
  private readonly stream: string;
  private readonly line: Line;
  private readonly listener: PersonListener;

  constructor(userId: string, line: Line, listener: PersonListener) {
    this.stream = `user:${userId}`;
    this.line = line;
    this.listener = listener;
  }

  start(): void {
    this.line.on("event", this.onEvent);
    this.line.on("connect", this.ask);
    this.line.on("disconnect", this.listener.onAway);
    if (this.line.connected) void this.ask();
  }

  stop(): void {
    this.line.off("event", this.onEvent);
    this.line.off("connect", this.ask);
    this.line.off("disconnect", this.listener.onAway);
    if (this.line.connected) this.line.emit("unsubscribe", { stream: this.stream });
  }

  /** Subscribe without a cursor: the answer is how things are now. */
  private readonly ask = async (): Promise<void> => {
    try {
      const answer = (await this.line.request("subscribe", { stream: this.stream })) as Subscribed;
      if (answer.ok && answer.snapshot) this.begin(answer.cursor ?? "0:0", answer.snapshot);
      else this.listener.onAway();
    } catch {
      this.listener.onAway(); // the line broke: it asks again when it is back
    }
  };

  private begin(cursor: string, state: PersonState): void {
    this.position = readCursor(cursor);
    this.listener.onState(state);
  }

  private readonly onEvent = (given: PersonEvent | PersonEvent[]): void => {
    for (const event of Array.isArray(given) ? given : [given]) {
      if (event.stream !== this.stream) continue;
      if (event.type === "stream.resync.v1") this.begin(event.data.cursor, event.data.snapshot);
      else if (event.type === "person.changed.v1" && this.isNews(event)) {
        this.position = { epoch: event.epoch, seq: event.seq };
        this.listener.onState(event.data);
      }
    }
  };

  private isNews({ epoch, seq }: Position): boolean {
    const { epoch: known, seq: last } = this.position;
    return epoch > known || (epoch === known && seq > last);
  }
}
