import type { Endpoint } from "@/api/generated";

export type EventKind = Endpoint["events"][number];

/** What an address can be told of. */
export const EVENT_KINDS: EventKind[] = [
  "run_succeeded",
  "run_failed",
  "run_cancelled",
  "approval_requested",
  "budget_warned",
  "budget_reached",
  "schedule_failed",
  "endpoint_disabled",
];
