/** Looking at a run again: every position equals the events folded up to it, in any order of asking. */
import { describe, expect, it } from "vitest";
import { RecordedTexts } from "@/realtime/recorded-texts";
import { event, finished, spoken, started } from "@/testing/run-events";
import { applyRunEvent, type RunEvent } from "./apply-event";
import { Recording } from "./playback";
import { emptyRun } from "./run-view";

const TEXT = "x".repeat(1_200);
const BEGIN = Date.UTC(2026, 0, 1);
const EVENTS: RunEvent[] = [
  event(1, "run.started.v1", { status: "running" }),
  started(2),
  ...spoken(3, TEXT),
  finished(1_203, TEXT),
].map((one, at) => ({ ...one, at: new Date(BEGIN + at * 10).toISOString() }) as RunEvent);

describe("a recording", () => {
  const recording = new Recording("r1", EVENTS);

  it.each([1_203, 0, 501, 500, 499, 1_000, 2, 1_203])("is the fold of %i events", (count) => {
    expect(recording.at(count)).toEqual(
      EVENTS.slice(0, count).reduce(applyRunEvent, emptyRun("r1")),
    );
  });

  it("finds how many events had happened at a time", () => {
    expect(recording.countAt(0)).toBe(1);
    expect(recording.countAt(95)).toBe(10);
    expect(recording.countAt(recording.length)).toBe(EVENTS.length);
  });
});

it("shows what had been said, forwards and backwards", () => {
  const texts = new RecordedTexts(EVENTS);
  for (const [count, length] of [
    [502, 500],
    [12, 10],
    [1_203, 1_200],
    [0, 0],
  ]) {
    texts.show(count ?? 0);
    expect(texts.store.text("a", "answer")).toHaveLength(length ?? 0);
  }
});
