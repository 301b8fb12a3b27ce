/** What happened in a run, line by line: its events as they are read, and how lines are looked for. */
import type { RunEvent } from "./apply-event";

export type Level = "error" | "warning" | "info" | "debug";

export interface LogLine {
  seq: number;
  epoch: number;
  /** Milliseconds since the first line. */
  after: number;
  step: string;
  level: Level;
  /** The name of what happened, among the words of the page. */
  what: "run" | "step" | "retry" | "model" | "tool" | "log" | "other";
  status?: string;
  attempt?: number;
  name?: string;
  ms?: number;
  tokens?: number;
  /** Words of the run itself: a message, an error. */
  message: string;
}

/** Return the lines of events, which are in their order; what steps say word by word is no line. */
export function logLines(events: readonly RunEvent[]): LogLine[] {
  const begin = Date.parse(events[0]?.at ?? "");
  return events.flatMap((event) => {
    const said = told(event);
    if (!said) return [];
    const { seq = 0, epoch = 0 } = event as { seq?: number; epoch?: number };
    const step = ("step" in event ? event.step : "") ?? "";
    const after = Math.max(0, Date.parse(event.at) - begin);
    return [{ seq, epoch, after, step, ...said }];
  });
}

type Told = Omit<LogLine, "seq" | "epoch" | "after" | "step">;

function told(event: RunEvent): Told | undefined {
  switch (event.type) {
    case "step.delta.v1":
    case "stream.head.v1":
    case "stream.resync.v1":
      return undefined;
    case "run.accepted.v1":
    case "run.started.v1":
    case "run.waiting.v1":
    case "run.paused.v1":
    case "run.resumed.v1":
    case "run.cancelling.v1":
    case "run.finished.v1": {
      const { status, error, reason } = event.data;
      return {
        what: "run",
        status,
        level: error ? "error" : "info",
        message: wordsOf(error) || (reason ?? ""),
      };
    }
    case "step.retrying.v1":
      return {
        what: "retry",
        attempt: event.attempt,
        level: "warning",
        message: wordsOf(event.data.error),
      };
    case "step.queued.v1":
    case "step.started.v1":
    case "step.waiting.v1":
    case "step.finished.v1":
    case "step.skipped.v1":
    case "step.reused.v1": {
      const { status, error } = event.data;
      return {
        what: "step",
        status,
        attempt: event.attempt,
        level: error ? "error" : "info",
        message: wordsOf(error),
      };
    }
    case "model.called.v1":
    case "tool.called.v1": {
      const { name, duration_ms: ms, usage, arguments_preview: given } = event.data;
      const what = event.type === "model.called.v1" ? "model" : "tool";
      return { what, name, ms, tokens: usage?.tokens ?? 0, level: "info", message: given ?? "" };
    }
    case "log.written.v1":
      return { what: "log", level: event.data.level, message: event.data.message };
    default:
      return {
        what: "other",
        name: `${(event as { type: string }).type}`,
        level: "info",
        message: "",
      };
  }
}

function wordsOf(error: { code: string; message: string } | null | undefined): string {
  return error ? `${error.code}: ${error.message}` : "";
}

/** Return whether a line is looked for: by words, or by a pattern between slashes; a broken one fits nothing. */
export function lineFilter(typed: string): (text: string) => boolean {
  const pattern = /^\/(.+)\/$/.exec(typed.trim())?.[1];
  if (pattern === undefined) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return (text) => words.every((word) => text.toLowerCase().includes(word));
  }
  try {
    const regex = new RegExp(pattern, "i");
    return (text) => regex.test(text);
  } catch {
    return () => false;
  }
}
