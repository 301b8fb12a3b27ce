/** What steps say, piece by piece: whole whatever comes twice, and never walked through from its beginning. */
import { describe, expect, it, vi } from "vitest";
import type { RunEvent } from "@/domain/runs/apply-event";
import { event } from "@/testing/run-events";
import { TextStore } from "./text-store";

type Delta = Extract<RunEvent, { type: "step.delta.v1" }>;

function delta(offset: number, text: string, exec = 1): Delta {
  const data = { exec, channel: "answer", offset, text };
  return event(1, "step.delta.v1", data) as Delta;
}

describe("the texts of steps", () => {
  it("takes overlapping and repeated pieces once, and tells of a hole", () => {
    const texts = new TextStore();
    expect(texts.take(delta(0, "Grüße 🙂"))).toBe(true);
    expect(texts.take(delta(5, " 🙂 an alle"))).toBe(true);
    expect(texts.take(delta(0, "Grüße"))).toBe(true);
    expect(texts.text("a", "answer")).toBe("Grüße 🙂 an alle");
    expect(texts.take(delta(99, "?"))).toBe(false);
  });

  it("goes on behind a snapshot, counted in characters", () => {
    const texts = new TextStore();
    texts.restart({ a: { exec: 1, channels: { answer: "🙂🙂" } } });
    expect(texts.take(delta(2, "!"))).toBe(true);
    expect(texts.text("a", "answer")).toBe("🙂🙂!");
  });

  it("looks at every character once, however long the text is", () => {
    const texts = new TextStore();
    const iterate = String.prototype[Symbol.iterator];
    let walked = 0;
    const spy = vi.spyOn(String.prototype, Symbol.iterator).mockImplementation(function (
      this: string,
    ) {
      walked += this.length;
      return iterate.call(this);
    });
    for (let piece = 0; piece < 5_000; piece += 1) texts.take(delta(piece * 4, "word"));
    spy.mockRestore();
    expect(texts.text("a", "answer")).toHaveLength(20_000);
    expect(walked).toBe(20_000);
  });
});
