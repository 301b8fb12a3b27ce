/** Where each kind of notification leads: to what it is about, so that something can be done. */
import type { Notification } from "@/api/generated";

export function whereOf({ kind, run_id, workflow, details }: Notification): string {
  switch (kind) {
    case "approval_requested":
      return typeof details.id === "string"
        ? `/approvals?${new URLSearchParams({ show: "open", item: details.id })}`
        : "/approvals";
    case "endpoint_disabled":
      return "/settings/webhooks";
    case "schedule_failed":
      return workflow ? `/workflows/${workflow.id}` : "/workflows";
    case "run_failed":
    case "run_succeeded":
    case "run_cancelled":
    case "budget_warned":
    case "budget_reached":
      return run_id ? `/runs/${run_id}` : "/runs";
  }
}
