/** The part of the fake gateway that starts workflows: schedules, addresses, and what was delivered to them. */
import { HttpResponse, http } from "msw";
import type { HookDelivery, Schedule, Webhook } from "@/api/generated";
import { problem } from "./fake-gateway";
import { RECENTLY } from "./times";

const WORKFLOW = { id: "0190-workflow-1", name: "city-brief" };

/** What the fake keeps; a test looks into it and changes it. */
export class FakeTriggers {
  readonly schedules = new Map<string, Schedule>();
  readonly hooks = new Map<string, Webhook>();
  readonly deliveries: HookDelivery[] = [];
  /** Deliveries that somebody had carried out again. */
  readonly replayed: string[] = [];

  addSchedule(more: Partial<Schedule> = {}): Schedule {
    const made: Schedule = {
      id: `0190-schedule-${this.schedules.size + 1}`,
      workflow: WORKFLOW,
      version: 2,
      trigger: "weekly",
      cron: "0 7 * * MON",
      zone: "Europe/Berlin",
      misfire: "run_once",
      paused: false,
      next_at: "2100-03-08T06:00:00Z",
      last_at: RECENTLY,
      last_run_id: "0190-run-1",
      last_error: null,
      ...more,
    };
    this.schedules.set(made.id, made);
    return made;
  }

  addHook(more: Partial<Webhook> = {}): Webhook {
    const id = `0190-hook-${this.hooks.size + 1}`;
    const made: Webhook = {
      id,
      workflow: WORKFLOW,
      version: 2,
      trigger: "intake",
      path: `/hooks/${id}`,
      auth: "api_key",
      active: true,
      has_secret: false,
      created_at: RECENTLY,
      last_delivery_at: null,
      ...more,
    };
    this.hooks.set(id, made);
    return made;
  }

  addDelivery(webhookId: string, more: Partial<HookDelivery> = {}): HookDelivery {
    const made: HookDelivery = {
      id: `0190-delivery-${this.deliveries.length + 1}`,
      webhook_id: webhookId,
      status: "started",
      received_at: RECENTLY,
      attempts: 1,
      next_attempt_at: null,
      run_id: "0190-run-1",
      reason: null,
      ...more,
    };
    this.deliveries.unshift(made);
    return made;
  }

  handlers() {
    return [
      http.get("*/v1/schedules", ({ request }) => {
        const workflow = new URL(request.url).searchParams.get("workflow_id");
        const items = [...this.schedules.values()].filter(
          (one) => !workflow || one.workflow.id === workflow,
        );
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.post("*/v1/schedules/:id/pause", ({ params }) => this.pause(params.id, true)),
      http.post("*/v1/schedules/:id/resume", ({ params }) => this.pause(params.id, false)),
      http.get("*/v1/webhooks", () =>
        HttpResponse.json({ items: [...this.hooks.values()], next_cursor: null }),
      ),
      http.get("*/v1/webhooks/:id/deliveries", ({ params, request }) => {
        const status = new URL(request.url).searchParams.get("status");
        const items = this.deliveries.filter(
          (one) => one.webhook_id === params.id && (!status || one.status === status),
        );
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.post("*/v1/webhooks/:id/deliveries/:delivery/replay", ({ params }) => {
        this.replayed.push(String(params.delivery));
        const { id } = this.addDelivery(String(params.id), { status: "pending", run_id: null });
        return HttpResponse.json({ delivery_id: id, duplicate: false }, { status: 202 });
      }),
      http.post("*/v1/webhooks/:id/secret", ({ params }) => {
        const known = this.hooks.get(String(params.id));
        if (!known) return problem(404, "Webhook not found");
        this.hooks.set(known.id, { ...known, has_secret: true });
        return HttpResponse.json({ id: known.id, secret: "whsec_once" }, { status: 201 });
      }),
    ];
  }

  private pause(id: unknown, paused: boolean) {
    const known = this.schedules.get(String(id));
    if (!known) return problem(404, "Schedule not found");
    const next = { ...known, paused, next_at: paused ? null : "2100-03-08T06:00:00Z" };
    this.schedules.set(known.id, next);
    return HttpResponse.json(next);
  }
}
