/** Runs of the fake gateway: what the page asks for is folded from their events, by the page's own reducer. */
import { HttpResponse, http } from "msw";
import type {
  ForkBody,
  ForkReport,
  Run,
  RunMilestone,
  RunRecordExport,
  StartRunBody,
  StepRun,
} from "@/api/generated";
import { applyRunEvent, type RunEvent } from "@/domain/runs/apply-event";
import { emptyRun, type RunView, type StepView } from "@/domain/runs/run-view";
import { problem } from "@/testing/fake-gateway";
import type { Streams } from "./streams";

/** Of every run. */
export const TRACE = "9f8448eb211c803100f067aa0ba902b7";

interface Kept {
  id: string;
  workflow: { id: string; name: string };
  source: string;
  inputs: Run["inputs"];
  forked_from: Run["forked_from"];
}

/** From which states a command leads, and what the stream says then; a retry begins another stream. */
const COMMANDS: Record<
  string,
  { from: Run["status"][]; type?: RunMilestone["type"]; to?: Run["status"] }
> = {
  cancel: {
    from: ["queued", "running", "waiting", "paused"],
    type: "run.cancelling.v1",
    to: "cancelling",
  },
  kill: {
    from: ["queued", "running", "waiting", "paused", "cancelling"],
    type: "run.finished.v1",
    to: "cancelled",
  },
  pause: { from: ["queued", "running", "waiting"], type: "run.paused.v1", to: "paused" },
  resume: { from: ["paused"], type: "run.resumed.v1", to: "running" },
  retry: { from: ["failed", "cancelled"] },
};

export class FakeRuns {
  private readonly runs = new Map<string, Kept>();
  /** Values too large for an event, by their references. */
  readonly values = new Map<string, unknown>();
  readonly started: (StartRunBody & { workflow_id: string })[] = [];
  readonly forks: (ForkBody & { run_id: string })[] = [];
  readonly commands: string[] = [];
  report: ForkReport = { reused: [], rerun: [], effects: [], tokens_saved: 0 };
  /** What happens in a run that somebody starts. */
  onStart: (run: { id: string }) => void = () => undefined;
  /** Fewer than asked for make a list of several pages. */
  mostOfAPage = 200;
  private readonly streams: Streams;

  constructor(streams: Streams) {
    this.streams = streams;
  }

  add(id: string, source: string, events: RunEvent[], more: Partial<Kept> = {}): void {
    const workflow = { id: "0190-workflow-1", name: "market-brief" };
    this.runs.set(id, { id, workflow, source, inputs: {}, forked_from: null, ...more });
    this.streams.append(`run:${id}`, ...events);
  }

  /** End a run where it is; return what was answered so far. */
  stop(id: string): string {
    const events = this.streams.of(`run:${id}`);
    const said = events.flatMap((event) =>
      event.type === "step.delta.v1" && event.data.channel === "answer" ? [event.data.text] : [],
    );
    const last = events.at(-1);
    const usage = { tokens: 0, usd: 0, tokens_saved: 0 };
    const data = { status: "cancelled", reason: null, outputs: null, error: null, usage };
    const end = { ...last, seq: events.length + 1, type: "run.finished.v1", data };
    if (last) this.streams.append(`run:${id}`, end as RunEvent);
    return said.join("");
  }

  view(id: string): RunView {
    return this.streams.of(`run:${id}`).reduce(applyRunEvent, emptyRun(id));
  }

  handlers() {
    return [
      http.get("*/v1/runs", ({ request }) => {
        const page = this.list(new URL(request.url));
        return request.headers.get("accept") === "text/csv"
          ? tableOf(page)
          : HttpResponse.json(page);
      }),
      http.get("*/v1/runs/:id", ({ params }) => this.of(params.id, (run) => this.run(run))),
      http.get("*/v1/runs/:id/files", () => HttpResponse.json({ items: [], next_cursor: null })),
      http.get("*/v1/runs/:id/failures", () => HttpResponse.json({ items: [] })),
      http.get("*/v1/runs/:id/record", ({ params }) =>
        this.of(params.id, (run) => this.record(run)),
      ),
      http.get("*/v1/runs/:id/snapshot", ({ params }) =>
        this.of(params.id, (run) => ({
          cursor: `1:${this.view(run.id).seq}`,
          run: this.run(run),
          steps: this.steps(run.id),
          steps_cursor: null,
          texts: {},
        })),
      ),
      http.get("*/v1/runs/:id/steps", ({ params }) =>
        this.of(params.id, ({ id }) => ({ items: this.steps(id), next_cursor: null })),
      ),
      http.get("*/v1/runs/:id/events", ({ params, request }) => {
        const after = new URL(request.url).searchParams.get("after") ?? "0";
        const from = Number(after.split(":").at(-1));
        const items = this.streams
          .of(`run:${params.id}`)
          .filter((event) => "seq" in event && event.seq > from);
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.get("*/v1/runs/:id/values/:ref", ({ params }) => {
        const ref = String(params.ref);
        if (!this.values.has(ref)) return problem(404, "Value not found");
        const value = this.values.get(ref) ?? null;
        return HttpResponse.json({ ref, size: JSON.stringify(value).length, value });
      }),
      http.post("*/v1/workflows/:id/runs", async ({ params, request }) => {
        const body = (await request.json()) as StartRunBody;
        return HttpResponse.json(this.start(String(params.id), body), { status: 202 });
      }),
      http.post("*/v1/runs/:id/fork", async ({ params, request }) => {
        const body = (await request.json()) as ForkBody;
        if (body.dry_run) return HttpResponse.json(this.report);
        return this.of(params.id, (run) => this.fork(run, body), 202);
      }),
      http.post("*/v1/runs/:id/save-as-test", () =>
        HttpResponse.json({ removed: [], tests: "tests: []\n" }),
      ),
      ...["cancel", "pause", "resume", "retry", "kill"].map((command) =>
        http.post(`*/v1/runs/:id/${command}`, ({ params }) => this.command(command, params.id)),
      ),
    ];
  }

  /** Refuse what the state does not allow; else the run's stream says what it is now. */
  private command(name: string, id: unknown) {
    const { from, type, to } = COMMANDS[name] ?? {};
    const key = String(id);
    if (from && this.runs.has(key) && !from.includes(this.view(key).status)) {
      const [title, refusal] = ["The run is in another state", "/problems/run-not-in-that-state"];
      return problem(409, title, refusal);
    }
    this.commands.push(`${name} ${key}`);
    if (type && to) this.tell(key, type, to);
    return this.of(key, (run) => this.run(run), 202);
  }

  /** Let the stream of a run say that it is in another state now. */
  tell(id: string, type: RunMilestone["type"], status: Run["status"]): void {
    const [seq, at] = [this.streams.of(`run:${id}`).length + 1, new Date().toISOString()];
    const data = { status, reason: null, outputs: null, error: null, usage: null };
    this.streams.append(`run:${id}`, {
      stream: `run:${id}`,
      run_id: id,
      epoch: 1,
      seq,
      at,
      type,
      data,
    } as unknown as RunEvent);
  }

  private of(id: unknown, answer: (run: Kept) => object, status = 200) {
    const found = this.runs.get(String(id));
    return found
      ? HttpResponse.json(answer(found), { status })
      : problem(404, "Run not found", "/problems/run-not-found");
  }

  private start(workflowId: string, body: StartRunBody): Run {
    const id = `0190-started-${this.started.length + 1}`;
    this.started.push({ ...body, workflow_id: workflowId });
    const known = [...this.runs.values()].find((run) => run.workflow.id === workflowId);
    const workflow = known?.workflow ?? { id: workflowId, name: workflowId };
    this.add(id, this.sourceOf(workflowId), [], { workflow, inputs: body.inputs ?? {} });
    this.onStart({ id });
    return this.run(this.runs.get(id) as Kept);
  }

  /** The text of a workflow; the gateway that keeps workflows sets it. */
  sourceOf: (workflowId: string) => string = () => "";

  private fork(old: Kept, body: ForkBody): Run {
    this.forks.push({ ...body, run_id: old.id });
    const id = `0190-fork-${this.forks.length}`;
    const forked_from = { run_id: old.id, step: body.from_step };
    this.add(id, old.source, [], {
      workflow: old.workflow,
      inputs: body.inputs ?? old.inputs,
      forked_from,
    });
    this.onStart({ id });
    return this.run(this.runs.get(id) as Kept);
  }

  private list(url: URL) {
    const search = url.searchParams;
    const statuses = search.getAll("status");
    const text = search.get("text") ?? "";
    const longer = Number(search.get("longer_than_s") ?? 0) * 1_000;
    const wanted = [...this.runs.values()]
      .map((run) => this.run(run))
      .filter((run) => statuses.length === 0 || statuses.includes(run.status))
      .filter((run) => run.workflow.id === (search.get("workflow_id") ?? run.workflow.id))
      .filter((run) => run.workflow.name.includes(text) || run.id.startsWith(text))
      .filter((run) => durationOf(run) >= longer)
      .toReversed();
    const from = Number(search.get("cursor") ?? 0);
    const to = from + Math.min(this.mostOfAPage, Number(search.get("limit") ?? 50));
    return { items: wanted.slice(from, to), next_cursor: to < wanted.length ? `${to}` : null };
  }

  private run({ id, workflow, inputs, forked_from }: Kept): Run {
    const view = this.view(id);
    const { status, outputs, error, usage, started_at, finished_at } = view;
    return {
      id,
      workflow,
      inputs,
      forked_from,
      status,
      outputs: outputs as Run["outputs"],
      error,
      usage,
      started_at,
      finished_at,
      version: "draft",
      attempt: 1,
      priority: 0,
      parent: null,
      trace_id: TRACE,
      created_at: view.created_at ?? new Date().toISOString(),
    };
  }

  private steps(id: string): StepRun[] {
    const { order, steps } = this.view(id);
    return order.map((path) => stepRun(steps[path] as StepView));
  }

  private record(run: Kept): RunRecordExport {
    return {
      format: "flowloom/run-record/v1",
      exported_at: new Date().toISOString(),
      run: this.run(run),
      steps: this.steps(run.id),
      source: run.source,
      document_hash: "0".repeat(64),
      event_pages: [],
      values: [],
      trace_url: `https://traces.example/trace/${TRACE}`,
    };
  }
}

function stepRun(step: StepView): StepRun {
  return { ...step, output: step.output as StepRun["output"], child_run_id: null };
}

function durationOf({ started_at, finished_at }: Run): number {
  const end = finished_at ? Date.parse(finished_at) : Date.now();
  return started_at ? end - Date.parse(started_at) : 0;
}

/** A page of the list for a spreadsheet; of its columns those that tests look at. */
function tableOf({ items, next_cursor }: { items: Run[]; next_cursor: string | null }) {
  const lines = items.map(({ id, workflow, status }) => `${id},${workflow.name},${status}\r\n`);
  const link = next_cursor ? { link: `<?cursor=${next_cursor}>; rel="next"` } : undefined;
  return new HttpResponse(["id,workflow,status\r\n", ...lines].join(""), {
    headers: { "content-type": "text/csv", ...link },
  });
}
