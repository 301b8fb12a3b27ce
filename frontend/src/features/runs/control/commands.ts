/** Which commands a run takes in each state, as the table of the wire has them; the server decides. */
import type { RunStatus } from "@/api/generated";

export type RunCommandName = "pause" | "resume" | "cancel" | "retry";

const OF: Record<RunStatus, RunCommandName[]> = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  waiting: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  cancelling: [],
  succeeded: [],
  failed: ["retry"],
  cancelled: ["retry"],
};

/** The permission that each needs. */
export const PERMISSIONS: Record<RunCommandName, string> = {
  pause: "runs:retry",
  resume: "runs:retry",
  cancel: "runs:cancel",
  retry: "runs:retry",
};

export function commandsOf(status: RunStatus): RunCommandName[] {
  return OF[status];
}
