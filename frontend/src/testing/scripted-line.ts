/** A socket that does what a test says: delivers twice, in another order, not at all, or breaks. */
import type { RunEvent } from "@/domain/runs/apply-event";
import type { Line } from "@/realtime/line";

type Listener = (...values: never[]) => void;

export class ScriptedLine implements Line {
  connected = true;
  /** What a subscription is answered with, by the cursor it asked from; set by the test. */
  answer: (after: string) => object = () => ({
    ok: true,
    cursor: "1:0",
    events: [],
    truncated: false,
  });
  readonly asked: string[] = [];
  /** What was subscribed to, and what was left. */
  readonly subscribed: unknown[] = [];
  readonly left: unknown[] = [];
  private readonly listeners = new Map<string, Set<Listener>>();

  on(event: string, listener: Listener): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: Listener): void {
    this.listeners.get(event)?.delete(listener);
  }

  emit(_event: string, message: unknown): void {
    this.left.push(message);
  }

  async request(_event: string, message: unknown): Promise<unknown> {
    const { after = "" } = message as { after?: string };
    this.asked.push(after);
    this.subscribed.push(message);
    return this.answer(after);
  }

  /** Deliver as the server does: one alone, several as a list. */
  deliver(...events: (RunEvent | object)[]): void {
    this.fire("event", events.length === 1 ? events[0] : events);
  }

  lose(): void {
    this.connected = false;
    this.fire("disconnect", "transport close");
  }

  reconnect(): void {
    this.connected = true;
    this.fire("connect");
  }

  private fire(event: string, ...values: unknown[]): void {
    for (const listener of this.listeners.get(event) ?? []) listener(...(values as never[]));
  }
}
