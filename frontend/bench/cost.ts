/** What Chromium itself says a page has cost: processor time of scripts and tasks on its main thread, and its heap. */
import type { CDPSession, Page } from "@playwright/test";

export interface Cost {
  /** Processor time of the main thread, so that what else the machine does is not counted. */
  script_s: number;
  task_s: number;
  /** Time by the clock. */
  at_s: number;
}

export class Accountant {
  private readonly session: CDPSession;

  private constructor(session: CDPSession) {
    this.session = session;
  }

  static async of(page: Page): Promise<Accountant> {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Accountant(session);
  }

  async cost(): Promise<Cost> {
    const { metrics } = await this.session.send("Performance.getMetrics");
    const of = (name: string) => metrics.find((one) => one.name === name)?.value ?? 0;
    return {
      script_s: of("ScriptDuration"),
      task_s: of("TaskDuration"),
      at_s: performance.now() / 1_000,
    };
  }

  /** Return what something has cost. */
  async during(work: () => Promise<void>): Promise<Cost> {
    const before = await this.cost();
    await work();
    const after = await this.cost();
    return {
      script_s: after.script_s - before.script_s,
      task_s: after.task_s - before.task_s,
      at_s: after.at_s - before.at_s,
    };
  }

  /** Return the bytes that are left after everything unused was collected. */
  async heapBytes(): Promise<number> {
    await this.session.send("HeapProfiler.collectGarbage");
    await this.session.send("HeapProfiler.collectGarbage");
    return (await this.session.send("Runtime.getHeapUsage")).usedSize;
  }

  /** Make the page's processor so many times slower. */
  async throttle(rate: number): Promise<void> {
    await this.session.send("Emulation.setCPUThrottlingRate", { rate });
  }
}
