/** The part of the fake gateway that people look at first: inbox, figures, templates, notices. */
import { HttpResponse, http } from "msw";
import type {
  Approval,
  DecisionBody,
  Figure,
  MarkNotifications,
  Notification,
  Overview,
  TemplateDocument,
} from "@/api/generated";
import { ME, problem } from "./fake-gateway";

function figure(value: number | null = 0, change: number | null = null): Figure {
  return { value, before: null, change };
}

/** The figures of a workspace in which nothing has happened. */
export function anOverview(more: Partial<Overview> = {}): Overview {
  return {
    window: "7d",
    since: "2026-03-01T00:00:00Z",
    until: "2026-03-08T00:00:00Z",
    unit: "day",
    runs: figure(),
    failures: figure(),
    success_rate: figure(null),
    p50_ms: figure(null),
    p95_ms: figure(null),
    tokens: figure(),
    tokens_saved: figure(),
    usd: figure(),
    approvals_waiting: 0,
    in_progress: { running: 0, queued: 0, waiting: 0 },
    running_now: [],
    recent_failures: [],
    recent_edits: [],
    series: [],
    workflows: [],
    models: [],
    ...more,
  };
}

/** What the fake keeps; a test looks into it and changes it. */
export class FakeDesk {
  readonly approvals = new Map<string, Approval>();
  overview = anOverview();
  notifications: Notification[] = [];
  readonly templates = new Map<string, TemplateDocument>();
  readonly decisions: (DecisionBody & { id: string })[] = [];

  addApproval(more: Partial<Approval> = {}): Approval {
    const id = `0190-approval-${this.approvals.size + 1}`;
    const made: Approval = {
      id,
      run_id: "0190-run-1",
      workflow_id: "0190-workflow-1",
      workflow_name: "publish-post",
      step: "ask",
      kind: "approval",
      status: "open",
      title: "Publish this post?",
      message: null,
      message_ref: null,
      to: [],
      allow: ["approve", "reject"],
      form: null,
      values: null,
      quorum: 1,
      votes: [],
      rule: null,
      requested_at: new Date().toISOString(),
      expires_at: null,
      decision: null,
      ...more,
    };
    this.approvals.set(id, made);
    return made;
  }

  addNotification(more: Partial<Notification> = {}): Notification {
    const made: Notification = {
      id: `0190-notice-${this.notifications.length + 1}`,
      kind: "run_failed",
      title: "market-brief failed",
      body: "",
      workflow: null,
      run_id: "0190-run-1",
      details: {},
      created_at: new Date().toISOString(),
      read_at: null,
      ...more,
    };
    this.notifications.push(made);
    return made;
  }

  private mark({ ids, read = true }: MarkNotifications): { unread: number } {
    const at = read ? new Date().toISOString() : null;
    this.notifications = this.notifications.map((one) =>
      !ids || ids.includes(one.id) ? { ...one, read_at: at } : one,
    );
    return { unread: this.unread() };
  }

  /** What waits for the person, as their stream tells it: fields that do not apply are absent. */
  waiting() {
    const unread = this.notifications.filter((one) => one.read_at === null);
    const newest = unread
      .toReversed()
      .slice(0, 5)
      .map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null)));
    const approvals = [...this.approvals.values()].filter(({ status }) => status === "open").length;
    return { unread: unread.length, newest, approvals, agents: { idle: 4, busy: 0, unwell: 0 } };
  }

  private unread(): number {
    return this.notifications.filter((one) => one.read_at === null).length;
  }

  addTemplate(more: Partial<TemplateDocument> = {}): TemplateDocument {
    const id = `template-${this.templates.size + 1}`;
    const [agents, models, secrets, tools, workflows] = [[], [], [], [], []];
    const made: TemplateDocument = {
      id,
      title: id,
      description: "",
      categories: [],
      level: null,
      kinds: ["agent"],
      steps: 1,
      needs: { agents, models, secrets, tools, workflows, people: false, internet: false },
      source: "",
      tests: "",
      inputs: {},
      ...more,
    };
    this.templates.set(made.id, made);
    return made;
  }

  /** What somebody else decides while the page is open. */
  decide(id: string, by: string, body: DecisionBody): Approval | undefined {
    const item = this.approvals.get(id);
    if (!item) return undefined;
    const at = new Date().toISOString();
    const next: Approval = { ...item, status: "decided", decision: { ...body, by, at } };
    this.approvals.set(id, next);
    return next;
  }

  handlers() {
    return [
      http.get("*/v1/notifications", () =>
        HttpResponse.json({
          items: this.notifications,
          next_cursor: null,
          unread: this.unread(),
        }),
      ),
      http.post("*/v1/notifications/read", async ({ request }) =>
        HttpResponse.json(this.mark((await request.json()) as MarkNotifications)),
      ),
      http.get("*/v1/templates", () => HttpResponse.json({ items: [...this.templates.values()] })),
      http.get("*/v1/templates/:id", ({ params }) => {
        const found = this.templates.get(String(params.id));
        return found ? HttpResponse.json(found) : problem(404, "Template not found");
      }),
      http.get("*/v1/stats/overview", ({ request }) => {
        const window = new URL(request.url).searchParams.get("window") ?? "7d";
        return HttpResponse.json({ ...this.overview, window });
      }),
      http.get("*/v1/approvals", ({ request }) => {
        const status = new URL(request.url).searchParams.get("status") ?? "open";
        const items = [...this.approvals.values()].filter(
          (item) => status === "all" || item.status === status,
        );
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.get("*/v1/approvals/:id", ({ params }) => {
        const found = this.approvals.get(String(params.id));
        return found ? HttpResponse.json(found) : problem(404, "Approval not found");
      }),
      http.post("*/v1/approvals/:id/decision", async ({ params, request }) => {
        const id = String(params.id);
        const item = this.approvals.get(id);
        if (!item) return problem(404, "Approval not found");
        if (item.status !== "open") return problem(409, "Already decided");
        const body = (await request.json()) as DecisionBody;
        if (!item.allow.includes(body.decision)) return problem(422, "Invalid decision");
        this.decisions.push({ ...body, id });
        return HttpResponse.json(this.decide(id, ME.user.email, body));
      }),
    ];
  }
}
