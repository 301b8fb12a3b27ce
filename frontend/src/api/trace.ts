/** Where requests begin their traces (W3C Trace Context): every log line and span of what they do names the trace. */
import { sessionEnd } from "./access-token";

/** Return the id of a new trace; the gateway takes up only those that begin with the end of the session's id. */
export function newTrace(): string {
  return (sessionEnd() || half()) + half();
}

/** Return the `traceparent` of one request in it; whether the trace is kept, the server decides. */
export function placeIn(trace: string): string {
  return `00-${trace}-${half()}-00`;
}

/** 16 hexadecimal digits, never all of them zero. */
function half(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(-16);
}
