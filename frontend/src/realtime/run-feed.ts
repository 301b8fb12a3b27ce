/** One run that is being watched: events in order into the view, text into its store, holes filled by asking again. */
import type { RunSnapshot } from "@/api/generated";
import { applyRunEvent, type RunEvent } from "@/domain/runs/apply-event";
import { emptyRun, isRunFinished, type RunView, runFromSnapshot } from "@/domain/runs/run-view";
import type { Line } from "./line";
import { inOrder, type Position, readCursor, writeCursor } from "./stream-order";
import { TextStore } from "./text-store";

interface Subscribed {
  ok: boolean;
  cursor?: string;
  events?: RunEvent[];
  snapshot?: RunSnapshot;
  problem?: { title: string; status: number };
}

const HOLD_MS = 200;
/** Cards, timeline and sums are drawn anew by each news of the run; ten times a second is as good as at once. */
const NEWS_EVERY_MS = 100;
const FRAME_MS = 16;

export class RunFeed {
  readonly texts = new TextStore();
  private run: RunView;
  private position: Position = { epoch: 0, seq: 0 };
  private held: RunEvent[] = [];
  private queue: RunEvent[] = [];
  private isAsking = false;
  private holdTimer: ReturnType<typeof setTimeout> | undefined;
  private frame: ReturnType<typeof setTimeout> | undefined;
  private toldAt = Number.NEGATIVE_INFINITY;
  private readonly listeners = new Set<() => void>();
  private readonly stream: string;
  private readonly line: Line;
  problem: { title: string; status: number } | undefined;

  constructor(runId: string, line: Line) {
    this.stream = `run:${runId}`;
    this.line = line;
    this.run = emptyRun(runId);
  }

  readonly snapshot = (): RunView => this.run;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.line.on("event", this.onEvent);
    this.line.on("connect", this.ask);
    if (this.line.connected) void this.ask();
  }

  stop(): void {
    this.line.off("event", this.onEvent);
    this.line.off("connect", this.ask);
    clearTimeout(this.holdTimer);
    clearTimeout(this.frame);
    if (this.line.connected) this.line.emit("unsubscribe", { stream: this.stream });
  }

  /** Subscribe from the newest event that was applied; the first time from the beginning. */
  private readonly ask = async (): Promise<void> => {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      const after = writeCursor(this.position);
      const answer = (await this.line.request("subscribe", {
        stream: this.stream,
        after: this.position.seq > 0 ? after : "0",
      })) as Subscribed;
      this.isAsking = false;
      this.problem = answer.ok ? undefined : answer.problem;
      if (answer.snapshot) this.restart(answer.snapshot, answer.cursor ?? answer.snapshot.cursor);
      else if (answer.ok && this.position.seq === 0) this.beginAnew();
      this.take(answer.events ?? []);
      if (!answer.ok) this.tell();
    } catch {
      this.isAsking = false; // the line broke: it asks again when it is back
    }
  };

  /** Follow a run on whose end the stream had ended: it goes on, as after a retry. */
  askAgain(): void {
    if (this.line.connected && isRunFinished(this.run.status)) void this.ask();
  }

  /** The whole history comes: what is known of it already would be counted twice. */
  private beginAnew(): void {
    this.queue = [];
    this.run = emptyRun(this.run.id);
    this.texts.restart({});
  }

  private readonly onEvent = (given: RunEvent | RunEvent[]): void => {
    const events = (Array.isArray(given) ? given : [given]).filter(
      (event) => event.stream === this.stream,
    );
    if (events.length > 0) this.take(events);
  };

  private take(events: RunEvent[]): void {
    const ordered = inOrder(this.position, [...this.held, ...events]);
    this.position = ordered.position;
    this.held = ordered.held;
    if (ordered.restart) this.restart(ordered.restart.data.snapshot, ordered.restart.data.cursor);
    let isWhole = true;
    for (const event of ordered.ready) {
      // What a step says is in the store of texts: it changes nothing of the run, and comes many times a second.
      if (event.type === "step.delta.v1") isWhole = this.texts.take(event) && isWhole;
      else this.queue.push(event);
    }
    if (this.queue.length > 0) this.frame ??= setTimeout(() => this.flush(), this.untilNews());
    this.watchForHoles(ordered.isMoved || !isWhole);
  }

  /** What came too early waits a moment for what is missing, then the stream is asked for it. */
  private watchForHoles(isBroken: boolean): void {
    clearTimeout(this.holdTimer);
    this.holdTimer = undefined;
    if (isBroken) {
      this.position = { epoch: 0, seq: 0 };
      this.held = [];
      void this.ask();
    } else if (this.held.length > 0) {
      this.holdTimer = setTimeout(() => {
        this.held = [];
        void this.ask();
      }, HOLD_MS);
    }
  }

  private restart(snapshot: RunSnapshot, cursor: string): void {
    this.queue = [];
    this.position = readCursor(cursor);
    this.run = runFromSnapshot(snapshot);
    this.texts.restart(snapshot.texts);
    this.tell();
  }

  /** The first news after a while is told with the next frame, others not before the last one was seen. */
  private untilNews(): number {
    return Math.max(FRAME_MS, this.toldAt + NEWS_EVERY_MS - performance.now());
  }

  private flush(): void {
    this.frame = undefined;
    this.toldAt = performance.now();
    const events = this.queue;
    this.queue = [];
    this.run = events.reduce(applyRunEvent, this.run);
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
