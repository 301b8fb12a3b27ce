/** What the steps of a run had said after so many of its events. */
import type { RunEvent } from "@/domain/runs/apply-event";
import { TextStore } from "./text-store";

export class RecordedTexts {
  readonly store = new TextStore();
  private readonly events: readonly RunEvent[];
  private shown = 0;

  constructor(events: readonly RunEvent[]) {
    this.events = events;
  }

  /** Show the texts after so many events; going back begins anew. */
  show(count: number): void {
    if (count < this.shown) {
      this.store.restart({});
      this.shown = 0;
    }
    for (const event of this.events.slice(this.shown, count)) {
      if (event.type === "step.delta.v1") this.store.take(event);
    }
    this.shown = count;
  }
}
