/** What is put into a page before its own code: a recorder of frames, long tasks and answers to input. */
import type { Page } from "@playwright/test";

export interface Recorded {
  /** Time from each frame to the next, in milliseconds. */
  frames: number[];
  /** Tasks longer than 50 ms. */
  long_tasks: { start: number; duration: number }[];
  /** From an input to the frame that answers it. */
  interactions: number[];
}

declare global {
  interface Window {
    bench: { start: () => void; stop: () => Recorded; longTasks: () => Recorded["long_tasks"] };
  }
}

export async function addProbe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const longTasks: Recorded["long_tasks"] = [];
    const interactions = new Map<number, number>();
    let frames: number[] = [];
    let began = 0;
    let last: number | undefined;
    let isOn = false;
    new PerformanceObserver((list) => {
      for (const { startTime: start, duration } of list.getEntries())
        longTasks.push({ start, duration });
    }).observe({ type: "longtask", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceEventTiming[]) {
        const id = entry.interactionId ?? 0;
        if (id > 0 && entry.startTime >= began)
          interactions.set(id, Math.max(interactions.get(id) ?? 0, entry.duration));
      }
    }).observe({ type: "event", durationThreshold: 16, buffered: true } as PerformanceObserverInit);
    const frame = (now: number) => {
      if (!isOn) return;
      if (last !== undefined) frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    window.bench = {
      start: () => {
        [frames, last, isOn] = [[], undefined, true];
        began = performance.now();
        interactions.clear();
        requestAnimationFrame(frame);
      },
      stop: () => {
        isOn = false;
        return {
          frames,
          long_tasks: longTasks.filter(({ start }) => start >= began),
          interactions: [...interactions.values()],
        };
      },
      longTasks: () => longTasks,
    };
  });
}
