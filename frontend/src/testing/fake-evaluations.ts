/** The part of the fake gateway that evaluates: datasets, evaluations over them, and their reports. */
import { HttpResponse, http } from "msw";
import type {
  Evaluation,
  EvaluationResult,
  Interval,
  MetricLine,
  SaveDataset,
  Scored,
  StartEvaluation,
  StoredDataset,
} from "@/api/generated";
import { problem } from "./fake-gateway";

export function interval(mean: number, spread: number, count = 4): Interval {
  return { mean, low: mean - spread, high: mean + spread, count };
}

export function aLine(metric: string, more: Partial<MetricLine> = {}): MetricLine {
  const now = interval(0.75, 0.1);
  return { metric, now, before: null, change: null, verdict: null, ...more };
}

/** What the fake keeps; a test looks into it and changes it. */
export class FakeEvaluations {
  readonly datasets = new Map<string, StoredDataset>();
  readonly results = new Map<string, EvaluationResult>();
  readonly started: { body: StartEvaluation; key: string | null }[] = [];

  addDataset(name: string, dataset: Partial<StoredDataset["dataset"]> = {}): StoredDataset {
    const cases = dataset.cases ?? [{ name: "harbour", inputs: { topic: "The old harbour" } }];
    return this.keep(`0190-dataset-${this.datasets.size + 1}`, { name, ...dataset, cases });
  }

  private keep(id: string, { name, ...dataset }: SaveDataset): StoredDataset {
    const { cases } = dataset;
    const updated_at = new Date().toISOString();
    const made = { id, name, cases: cases.length, updated_at, dataset };
    this.datasets.set(id, made);
    return made;
  }

  add(more: Partial<Evaluation> = {}, result: Partial<EvaluationResult> = {}): Evaluation {
    const evaluation: Evaluation = {
      id: `0190-evaluation-${this.results.size + 1}`,
      dataset_id: "0190-dataset-1",
      dataset_name: "Harbours",
      workflow: { id: "0190-workflow-1", name: "city-brief" },
      version: "draft",
      against: null,
      status: "succeeded",
      error: null,
      runs: 4,
      done: 4,
      scores: {},
      created_by: "0190-user",
      created_at: new Date().toISOString(),
      finished_at: null,
      ...more,
    };
    const empty = { metrics: [], cases: [], cases_before: [] };
    this.results.set(evaluation.id, { evaluation, ...empty, ...result });
    return evaluation;
  }

  handlers() {
    return [
      http.get("*/v1/datasets", () =>
        HttpResponse.json({
          items: [...this.datasets.values()].map(({ dataset: _, ...info }) => info),
          next_cursor: null,
        }),
      ),
      http.post("*/v1/datasets", async ({ request }) => {
        const body = (await request.json()) as SaveDataset;
        const id = `0190-dataset-${this.datasets.size + 1}`;
        return HttpResponse.json(this.keep(id, body), { status: 201 });
      }),
      http.get("*/v1/datasets/:id", ({ params }) => {
        const found = this.datasets.get(String(params.id));
        return found ? HttpResponse.json(found) : problem(404, "Dataset not found");
      }),
      http.put("*/v1/datasets/:id", async ({ params, request }) =>
        HttpResponse.json(this.keep(String(params.id), (await request.json()) as SaveDataset)),
      ),
      http.delete("*/v1/datasets/:id", ({ params }) => {
        this.datasets.delete(String(params.id));
        return new HttpResponse(null, { status: 204 });
      }),
      http.get("*/v1/evaluations", () =>
        HttpResponse.json({
          items: [...this.results.values()].map(({ evaluation }) => evaluation).toReversed(),
          next_cursor: null,
        }),
      ),
      http.post("*/v1/evaluations", async ({ request }) => this.start(request)),
      http.get("*/v1/evaluations/:id", ({ params }) => this.of(params.id, (one) => one)),
      http.post("*/v1/evaluations/:id/cancel", ({ params }) =>
        this.of(params.id, (one) => this.change(one, { status: "cancelled" }).evaluation, 202),
      ),
      http.get("*/v1/evaluations/:id/report", () =>
        HttpResponse.arrayBuffer(new TextEncoder().encode("<title>Harbours</title>").buffer, {
          headers: { "content-type": "application/octet-stream" },
        }),
      ),
    ];
  }

  /** Let something happen in an evaluation. */
  change(result: EvaluationResult, more: Partial<Evaluation>): EvaluationResult {
    const next = { ...result, evaluation: { ...result.evaluation, ...more } };
    this.results.set(next.evaluation.id, next);
    return next;
  }

  private of(id: unknown, answer: (one: EvaluationResult) => object, status = 200) {
    const found = this.results.get(String(id));
    return found
      ? HttpResponse.json(answer(found), { status })
      : problem(404, "Evaluation not found", "/problems/evaluation-not-found");
  }

  private async start(request: Request) {
    const body = (await request.json()) as StartEvaluation;
    this.started.push({ body, key: request.headers.get("idempotency-key") });
    const dataset = this.datasets.get(body.dataset_id);
    if (!dataset) return problem(404, "Dataset not found");
    const made = this.add({
      dataset_id: dataset.id,
      dataset_name: dataset.name,
      version: body.version ?? "draft",
      against: body.against ?? null,
      status: "running",
      runs: dataset.cases * (body.against ? 2 : 1),
      done: 0,
    });
    return HttpResponse.json(made, { status: 202 });
  }
}

/** A compared evaluation of four cases: one of them is worse than before. */
export function aComparison(): Partial<EvaluationResult> {
  const names = ["harbour", "tram", "market", "bridge"];
  const scored = (name: string, checks: number, side: number): Scored => ({
    case: name,
    run_id: `0190-run-${side}-${name}`,
    figures: { checks, succeeded: 1, seconds: 3.2 + side, tokens: 480, usd: 0.0021 },
    failed: checks < 1 ? ["outputs.brief.contains('harbour')"] : [],
  });
  return {
    metrics: [
      aLine("checks", {
        now: interval(0.88, 0.1),
        before: interval(0.63, 0.12),
        change: interval(0.25, 0.1),
        verdict: "better",
      }),
      aLine("seconds", {
        now: interval(3.2, 0.4),
        before: interval(2.2, 0.3),
        change: interval(1, 0.5),
        verdict: "worse",
      }),
      aLine("usd", {
        now: interval(0.0021, 0.0002),
        before: interval(0.002, 0.0002),
        change: interval(0.0001, 0.0003),
        verdict: "unclear",
      }),
    ],
    cases: names.map((name) => scored(name, name === "tram" ? 0.5 : 1, 0)),
    cases_before: names.map((name) => scored(name, name === "harbour" ? 0.5 : 1, 1)),
  };
}
