/** A run's stream under every bad delivery: no character lost or doubled, the same end as a good line. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunEvent } from "@/domain/runs/apply-event";
import { event, finished, spoken, started } from "@/testing/run-events";
import { ScriptedLine } from "@/testing/scripted-line";
import { RunFeed } from "./run-feed";

const TEXT = "Grüße 🙂 from the stream";
const whole: RunEvent[] = [
  event(1, "run.started.v1", { status: "running" }),
  started(2),
  ...spoken(3, TEXT),
];
const last = whole.length + 1;
const ALL = [
  ...whole,
  finished(last, TEXT),
  event(last + 1, "run.finished.v1", { status: "succeeded", outputs: { text: TEXT } }),
];

let line: ScriptedLine;
let feed: RunFeed;
beforeEach(() => {
  vi.useFakeTimers();
  line = new ScriptedLine();
  line.answer = (after) => {
    const from = after === "0" ? 0 : Number(after.split(":")[1]);
    return { ok: true, cursor: after, events: from === 0 ? [] : ALL.slice(from), truncated: false };
  };
  feed = new RunFeed("r1", line);
  feed.start();
});
afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
}

function isAtTheEnd(): void {
  const run = feed.snapshot();
  expect(feed.texts.text("a", "answer")).toBe(TEXT);
  expect(run.status).toBe("succeeded");
  expect(run.outputs).toEqual({ text: TEXT });
  expect(run.steps.a).toMatchObject({ status: "succeeded", output: TEXT });
  expect(run.seq).toBe(last + 1);
}

describe("a run's feed", () => {
  it("applies what comes in order", async () => {
    for (const one of ALL) line.deliver(one);
    await settle();
    isAtTheEnd();
    expect(line.asked).toEqual(["0"]);
  });

  it("drops what comes twice", async () => {
    for (const one of ALL) line.deliver(one, one);
    line.deliver(...ALL);
    await settle();
    isAtTheEnd();
  });

  it("puts what comes in another order into its own", async () => {
    for (let at = 0; at < ALL.length; at += 4) line.deliver(...ALL.slice(at, at + 4).toReversed());
    await settle();
    isAtTheEnd();
    expect(line.asked).toEqual(["0"]);
  });

  it("asks for what is missing from the last event it has", async () => {
    line.deliver(...ALL.slice(0, 6), ...ALL.slice(8));
    expect(line.asked).toEqual(["0"]);
    await settle();
    isAtTheEnd();
    expect(line.asked).toEqual(["0", "1:6"]);
  });

  it("goes on in mid-word after the line was broken", async () => {
    line.deliver(...ALL.slice(0, 9));
    await settle();
    line.reconnect();
    await settle();
    isAtTheEnd();
    expect(line.asked).toEqual(["0", "1:9"]);
  });

  it("takes the snapshot of a new epoch", async () => {
    line.deliver(...ALL.slice(0, 9));
    const run = { id: "r1", status: "running", usage: { tokens: 1, usd: 0, tokens_saved: 0 } };
    const snapshot = {
      cursor: "2:40",
      run,
      steps: [],
      steps_cursor: null,
      texts: { a: { exec: 2, channels: { answer: "anew" } } },
    };
    line.deliver(
      event(0, "stream.resync.v1", { cursor: "2:40", snapshot }, { epoch: 2, seq: undefined }),
    );
    line.deliver(
      event(
        41,
        "step.delta.v1",
        { exec: 2, channel: "answer", offset: 4, text: "!" },
        { epoch: 2 },
      ),
    );
    await settle();
    expect(feed.texts.text("a", "answer")).toBe("anew!");
    line.reconnect();
    await settle();
    expect(line.asked.at(-1)).toBe("2:41");
  });

  it("follows a run that was tried again after its end", async () => {
    line.deliver(...ALL);
    await settle();
    feed.askAgain();
    await settle();
    expect(line.asked).toEqual(["0", `1:${last + 1}`]);
    line.deliver(event(last + 2, "run.resumed.v1", { status: "running" }));
    await settle();
    expect(feed.snapshot().status).toBe("running");
    feed.askAgain();
    await settle();
    expect(line.asked).toHaveLength(2);
  });

  it("counts nothing twice when the whole history comes again", async () => {
    const call = event(2, "tool.called.v1", { exec: 1, call: 1, name: "memory.search" });
    line.answer = () => ({ ok: true, cursor: "1:2", events: [started(1), call], truncated: false });
    line.deliver(started(1), call);
    await settle();
    // A hole in a text, behind which nothing can be trusted.
    line.deliver(event(3, "step.delta.v1", { exec: 1, channel: "answer", offset: 9, text: "x" }));
    await settle();
    expect(line.asked).toEqual(["0", "0"]);
    expect(feed.snapshot().calls).toHaveLength(1);
  });

  it("tells nobody of the run when a step only says something", async () => {
    let told = 0;
    line.deliver(started(1));
    await settle();
    feed.subscribe(() => {
      told += 1;
    });
    line.deliver(...spoken(2, TEXT));
    await settle();
    expect(feed.texts.text("a", "answer")).toBe(TEXT);
    expect(told).toBe(0);
  });

  it("tells of many changes ten times a second, of the first one at once", async () => {
    let told = 0;
    line.deliver(started(1, "s1"));
    feed.subscribe(() => {
      told += 1;
    });
    await vi.advanceTimersByTimeAsync(20);
    expect(told).toBe(1);
    for (let n = 2; n <= 102; n += 1) {
      line.deliver(started(n, `s${n}`));
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(told).toBeGreaterThanOrEqual(9);
    expect(told).toBeLessThanOrEqual(12);
    await settle();
    expect(feed.snapshot().order).toHaveLength(102);
  });

  it("never breaks on an event of a type it does not know", async () => {
    line.deliver({ ...started(1), type: "step.dreamt.v1" } as never, started(2));
    await settle();
    expect(feed.snapshot().steps.a?.status).toBe("running");
  });

  it("does not listen to a process that was thawed", async () => {
    line.deliver(
      started(1),
      event(2, "step.delta.v1", { exec: 2, channel: "answer", offset: 0, text: "new" }),
      event(3, "step.delta.v1", { exec: 1, channel: "answer", offset: 0, text: "old old" }),
    );
    await settle();
    expect(feed.texts.text("a", "answer")).toBe("new");
  });
});
