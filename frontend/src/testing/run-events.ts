/** Events of a run as its stream has them. */
import type { RunEvent } from "@/domain/runs/apply-event";

const AT = "2026-01-01T00:00:00Z";

/** Return an event with the envelope of one run. */
export function event(
  seq: number,
  type: RunEvent["type"],
  data: object,
  more: object = {},
): RunEvent {
  return {
    stream: "run:r1",
    run_id: "r1",
    epoch: 1,
    seq,
    at: AT,
    type,
    step: "a",
    iteration: null,
    attempt: 1,
    data,
    ...more,
  } as RunEvent;
}

export function started(seq: number, step = "a"): RunEvent {
  return event(
    seq,
    "step.started.v1",
    { kind: "agent", status: "running", agent: "research" },
    { step },
  );
}

export function finished(seq: number, output: unknown, step = "a"): RunEvent {
  return event(
    seq,
    "step.finished.v1",
    { kind: "agent", status: "succeeded", output_preview: output },
    { step },
  );
}

/** Return a text as deltas of one character each, numbered from `seq`. */
export function spoken(seq: number, text: string, step = "a"): RunEvent[] {
  return [...text].map((character, offset) =>
    event(
      seq + offset,
      "step.delta.v1",
      { exec: 1, channel: "answer", offset, text: character },
      { step },
    ),
  );
}
