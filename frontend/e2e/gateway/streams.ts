/** The event socket of the fake gateway: numbered streams, and a line that loses, repeats and mixes up what it carries. */
import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import type { RunEvent } from "@/domain/runs/apply-event";

/** Makes of the events that are due what the line really delivers. */
export type Delivery = (events: RunEvent[]) => RunEvent[];

interface Subscribed {
  stream: string;
  after?: string;
}

export class Streams {
  private readonly events = new Map<string, RunEvent[]>();
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private isCut = false;
  /** How events reach the page; a history that is asked for comes as it is. */
  deliver: Delivery = (events) => events;
  /** Which cursors were asked from, for tests of resuming. */
  readonly asked: string[] = [];
  /** What waits for whoever looks, as the last state of their own stream says it. */
  person: () => object = () => ({ unread: 0, newest: [] });
  private told = 0;

  /** How many connections there are, and which streams they follow. */
  get open(): { sockets: number; streams: string[] } {
    const rooms = [...this.sockets].flatMap((socket) => [...socket.rooms]);
    return {
      sockets: this.sockets.size,
      streams: rooms.filter((room) => room.includes(":")).sort(),
    };
  }

  attach(http: HttpServer): void {
    const server = new Server(http, { serveClient: false });
    server.use((_socket, next) => (this.isCut ? next(new Error("cut")) : next()));
    server.on("connection", (socket) => this.serve(socket));
    this.server = server;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("disconnect", () => this.sockets.delete(socket));
    socket.on(
      "subscribe",
      ({ stream, after = "0" }: Subscribed, answer: (body: object) => void) => {
        void socket.join(stream);
        if (stream.startsWith("user:")) {
          answer({
            ok: true,
            cursor: this.personCursor(),
            snapshot: this.person(),
            truncated: false,
          });
          return;
        }
        this.asked.push(after);
        const from = Number(after.split(":").at(-1) ?? 0);
        const events = this.of(stream).filter((event) => "seq" in event && event.seq > from);
        answer({ ok: true, cursor: after, events, truncated: false });
      },
    );
    socket.on("unsubscribe", ({ stream }: Subscribed) => void socket.leave(stream));
    socket.on("renew", (_auth: object, answer?: (body: object) => void) => answer?.({ ok: true }));
  }

  of(stream: string): RunEvent[] {
    return this.events.get(stream) ?? [];
  }

  /** Let events happen. */
  append(stream: string, ...events: RunEvent[]): void {
    this.events.set(stream, [...this.of(stream), ...events]);
    const delivered = this.deliver(events);
    if (delivered.length > 0) this.server?.to(stream).emit("event", delivered);
  }

  /** Tell somebody what waits for them now. */
  tell(userId: string): void {
    this.told += 1;
    const stream = `user:${userId}`;
    const at = new Date().toISOString();
    const event = { stream, epoch: 1, seq: this.told, at, type: "person.changed.v1" };
    this.server?.to(stream).emit("event", { ...event, data: this.person() });
  }

  private personCursor(): string {
    return `1:${this.told}`;
  }

  /** Break every connection and let no new one in. */
  cut(): void {
    this.isCut = true;
    this.server?.disconnectSockets(true);
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    await this.server?.close();
  }
}
