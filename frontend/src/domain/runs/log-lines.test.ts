/** A run as lines: what each event says, and how lines are looked for. */
import { expect, it } from "vitest";
import type { RunEvent } from "./apply-event";
import { lineFilter, logLines } from "./log-lines";

const base = { stream: "run:r", epoch: 1, run_id: "r" };
const events = [
  {
    ...base,
    seq: 1,
    type: "run.started.v1",
    at: "2026-03-07T10:00:00.000Z",
    data: { status: "running" },
  },
  {
    ...base,
    seq: 2,
    type: "step.retrying.v1",
    at: "2026-03-07T10:00:01.500Z",
    step: "facts",
    attempt: 1,
    data: { kind: "agent", status: "retrying", error: { code: "timeout", message: "Too slow." } },
  },
  {
    ...base,
    seq: 3,
    type: "step.delta.v1",
    at: "2026-03-07T10:00:01.600Z",
    step: "facts",
    attempt: 2,
    data: { exec: 1, channel: "answer", offset: 0, text: "One" },
  },
  {
    ...base,
    seq: 4,
    type: "log.written.v1",
    at: "2026-03-07T10:00:02.000Z",
    step: "facts",
    attempt: 2,
    data: { level: "warning", message: "Took the cheaper model." },
  },
  { ...base, seq: 5, type: "news.of.tomorrow.v9", at: "2026-03-07T10:00:03.000Z", data: {} },
] as unknown as RunEvent[];

it("makes a line of every event but of what steps say, and of events that it does not know", () => {
  expect(logLines(events)).toMatchObject([
    { seq: 1, after: 0, what: "run", status: "running", step: "", level: "info" },
    {
      seq: 2,
      after: 1_500,
      what: "retry",
      step: "facts",
      level: "warning",
      message: "timeout: Too slow.",
    },
    { seq: 4, after: 2_000, what: "log", level: "warning", message: "Took the cheaper model." },
    { seq: 5, what: "other", name: "news.of.tomorrow.v9" },
  ]);
});

it("looks for words in any order, and for patterns between slashes", () => {
  expect(lineFilter("slow facts")("facts timeout: Too slow.")).toBe(true);
  expect(lineFilter("slow brief")("facts timeout: Too slow.")).toBe(false);
  expect(lineFilter("/time(out)?: \\w/")("facts timeout: Too slow.")).toBe(true);
  expect(lineFilter("/(/")("anything")).toBe(false);
});
