/** A run as it was after each of its events, so that it can be looked at again; nothing is carried out. */
import { applyRunEvent, type RunEvent } from "./apply-event";
import { emptyRun, type RunView } from "./run-view";

const EVERY = 500;

export class Recording {
  readonly events: readonly RunEvent[];
  /** Views after every 500th event: going back begins at the nearest. */
  private readonly checkpoints: RunView[];

  constructor(runId: string, events: readonly RunEvent[]) {
    this.events = events.filter((event) => "seq" in event);
    this.checkpoints = [emptyRun(runId)];
  }

  /** Return the run after so many events. */
  at(count: number): RunView {
    const wanted = Math.min(Math.max(0, count), this.events.length);
    let from = Math.min(Math.floor(wanted / EVERY), this.checkpoints.length - 1);
    let view = this.checkpoints[from] as RunView;
    while ((from + 1) * EVERY <= wanted) {
      view = this.events.slice(from * EVERY, (from + 1) * EVERY).reduce(applyRunEvent, view);
      from += 1;
      this.checkpoints[from] = view;
    }
    return this.events.slice(from * EVERY, wanted).reduce(applyRunEvent, view);
  }

  /** Return how many events had happened at a time since the first, in milliseconds. */
  countAt(elapsed: number): number {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeOf(middle + 1) <= elapsed) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Return when the last of so many events happened, in milliseconds since the first. */
  timeOf(count: number): number {
    const first = this.events[0];
    const last = this.events[Math.min(count, this.events.length) - 1];
    return first && last ? Date.parse(last.at) - Date.parse(first.at) : 0;
  }

  get length(): number {
    return this.timeOf(this.events.length);
  }
}
