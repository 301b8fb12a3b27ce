/** What the timeline of a run draws: bars from the first event, calls inside them, idle time cut out. */
import { expect, it } from "vitest";
import { event, finished, started } from "@/testing/run-events";
import { applyRunEvent, type RunEvent } from "./apply-event";
import { emptyRun } from "./run-view";
import { timelineOf, withoutIdle } from "./timeline";

const BEGIN = Date.UTC(2026, 0, 1);

function at(seconds: number, one: RunEvent): RunEvent {
  return { ...one, at: new Date(BEGIN + seconds * 1_000).toISOString() } as RunEvent;
}

const CALL = { exec: 1, call: 1, name: "default", usage: null, replayed: false };
const EVENTS = [
  at(0, event(1, "run.started.v1", { status: "running" })),
  at(1, started(2, "a")),
  at(3, event(3, "model.called.v1", { ...CALL, duration_ms: 1_500 }, { step: "a" })),
  at(4, finished(4, "x", "a")),
  at(90, started(5, "b")),
  at(100, finished(6, "y", "b")),
];
const RUN = EVENTS.reduce(applyRunEvent, emptyRun("r1"));

it("draws each step from its start to its end, and its calls inside", () => {
  const { rows, length, idle } = timelineOf(RUN, BEGIN + 100_000);
  expect(rows).toMatchObject([
    { path: "a", from: 1_000, to: 4_000, calls: [{ from: 1_500, to: 3_000, kind: "model" }] },
    { path: "b", from: 90_000, to: 100_000 },
  ]);
  expect(length).toBe(100_000);
  expect(idle).toBe(87_000);
});

it("lets the bar of a running step grow to now", () => {
  const running = EVENTS.slice(0, 5).reduce(applyRunEvent, emptyRun("r1"));
  expect(timelineOf(running, BEGIN + 95_000).rows.at(-1)).toMatchObject({
    path: "b",
    from: 90_000,
    to: 95_000,
    isOver: false,
  });
});

it("cuts out the time in which nothing was at work", () => {
  const short = withoutIdle(timelineOf(RUN, BEGIN + 100_000));
  const [a, b] = short.rows;
  expect((a?.to ?? 0) - (a?.from ?? 0)).toBe(3_000);
  expect((b?.to ?? 0) - (b?.from ?? 0)).toBe(10_000);
  expect(short.length).toBeLessThan(14_000);
});

it("is empty before anything has begun", () => {
  expect(timelineOf(emptyRun("r1"), BEGIN).rows).toEqual([]);
});
