/** A workspace in which something has happened: what pages are looked at with. */
import { readFileSync } from "node:fs";
import { HttpResponse, http } from "msw";
import type { McpServer, Model, Overview } from "@/api/generated";
import { anOverview } from "@/testing/fake-desk";
import { aComparison } from "@/testing/fake-evaluations";
import { RECENTLY } from "@/testing/times";
import type { E2eGateway } from "./gateway";
import { RunScript } from "./run-script";

const EXAMPLES = new URL("../../../examples/workflows/", import.meta.url);

export function example(name: string): string {
  return readFileSync(new URL(`${name}.yaml`, EXAMPLES), "utf8");
}

export const BRIEF_TEXT =
  "Night buses carry one in nine passengers of the city, and two lines lose money after one o'clock. " +
  "Riders who work shifts have no other way home. Keep line N3, move N7 to a call service, and look at both again in spring.";

/** The first example as it went well: three agents, one after the other. */
export function goodRun(id: string, start?: number): RunScript {
  return new RunScript(id, start)
    .run("run.started.v1", "running")
    .wait(120)
    .starts("facts", { agent: "research" })
    .says("facts", "I look for counts of passengers first.", { channel: "thinking" })
    .calls("facts", "memory.search", {
      kind: "tool",
      arguments_preview: '{"query": "night buses"}',
      duration_ms: 84,
    })
    .says("facts", "One in nine passengers rides at night. Two lines lose money.")
    .calls("facts", "default", { duration_ms: 1_240 })
    .ends("facts", ["One in nine passengers rides at night.", "Two lines lose money."])
    .wait(30)
    .starts("brief", { agent: "analysis" })
    .says("brief", BRIEF_TEXT)
    .calls("brief", "default", { duration_ms: 2_310 })
    .ends("brief", BRIEF_TEXT)
    .wait(30)
    .starts("check", { agent: "qa" })
    .says("check", "Short, says what to do: good.")
    .ends("check", { verdict: "good", score: 0.9 })
    .wait(10)
    .finishes({ brief: BRIEF_TEXT, score: 0.9 });
}

/** The same, but the second step has no success, twice. */
export function failedRun(id: string): RunScript {
  return new RunScript(id)
    .run("run.started.v1", "running")
    .wait(120)
    .starts("facts", { agent: "research" })
    .says("facts", "One in nine passengers rides at night.")
    .ends("facts", ["One in nine passengers rides at night."])
    .starts("brief", { agent: "analysis" })
    .wait(900)
    .step("step.retrying.v1", "brief", {
      status: "retrying",
      error: { code: "upstream", message: "503" },
    })
    .wait(1_000)
    .starts("brief", { attempt: 2 })
    .wait(700)
    .fails("brief", "upstream", "The model provider answered 503 twice: overloaded.")
    .finishes(null, "failed", {
      code: "upstream",
      message: "The model provider answered 503 twice: overloaded.",
      step: "brief",
    });
}

export const THREE_STEPS = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: city-brief, title: City brief}
inputs:
  type: object
  required: [topic]
  properties:
    topic: {type: string, title: Topic, minLength: 3}
steps:
  facts:
    agent: research
    prompt: "Find facts about \${inputs.topic}."
    output: {type: array, items: {type: string}}
  brief:
    agent: analysis
    prompt: "Write a brief from \${steps.facts.output}."
  check:
    agent: qa
    prompt: "Judge \${steps.brief.output}."
outputs:
  brief: "\${steps.brief.output}"
`;

/** The ids that pages are opened by. */
interface Furnished {
  workflow: string;
  /** One that compares two versions. */
  evaluation: string;
  run: string;
  failed: string;
  talk: string;
}

/** Fill a gateway. */
export function furnish(gateway: E2eGateway): Furnished {
  const city = gateway.addWorkflow(THREE_STEPS, {
    name: "city-brief",
    title: "City brief",
    published_version: 2,
    labels: { team: "city", kind: "brief" },
  });
  for (const name of ["market-brief", "invoice-totals", "watch-a-page", "approve-an-answer"]) {
    gateway.addWorkflow(example(name), {
      name,
      title: titleOf(name),
      updated_at: "2026-03-07T10:00:00Z",
    });
  }
  const workflow = { id: city.id, name: city.name };
  const inputs = { topic: "night buses" };
  gateway.runs.add("0190-run-1", THREE_STEPS, goodRun("0190-run-1").events, { workflow, inputs });
  gateway.runs.add("0190-run-2", THREE_STEPS, failedRun("0190-run-2").events, { workflow, inputs });
  gateway.desk.addApproval({
    workflow_name: "city-brief",
    message: BRIEF_TEXT,
    allow: ["approve", "edit", "reject"],
  });
  gateway.desk.addApproval({
    title: "Send the digest to 1,240 people?",
    workflow_name: "nightly-digest",
  });
  gateway.desk.addNotification({
    workflow,
    run_id: "0190-run-2",
    title: "city-brief failed",
  });
  gateway.desk.overview = aBusyWeek(workflow);
  gateway.desk.addTemplate({
    title: "City brief",
    description: "Facts, a brief, a check.",
    source: THREE_STEPS,
    steps: 3,
  });
  gateway.library.addCollection("manuals", { documents: 1, passages: 1 });
  gateway.library.addDocument("manuals", "turbine.pdf");
  gateway.triggers.addSchedule({ workflow });
  gateway.triggers.addHook({ workflow });
  const signed = gateway.triggers.addHook({ workflow, trigger: "orders", auth: "signature" });
  gateway.triggers.addDelivery(signed.id);
  const answer = `**Keep N3.**\n\n- ${BRIEF_TEXT.split(". ").join("\n- ")}`;
  const talk = gateway.talks.add("Night buses", ["Which line should stay?", answer]);
  const evaluation = evaluate(gateway, workflow);
  gateway.mcpServers = [CRM];
  const read = { name: "read", effect: "none" as const };
  gateway.mcpPrograms = [{ name: "files", tools: [read], calls_per_minute: 60, timeout_s: 30 }];
  gateway.use(http.get("*/v1/models", () => HttpResponse.json({ items: MODELS })));
  return { workflow: city.id, evaluation, run: "0190-run-1", failed: "0190-run-2", talk };
}

/** Evaluations as they come and go: compared, running, failed. */
function evaluate(gateway: E2eGateway, workflow: { id: string; name: string }): string {
  const { evaluations } = gateway;
  evaluations.addDataset("Harbours", {
    checks: ["run.status == 'succeeded'"],
    cases: ["harbour", "tram", "market", "bridge"].map((name) => ({ name, inputs: {} })),
  });
  const error = "The grader gave no score for the case 'tram'.";
  evaluations.add({ workflow, status: "failed", error, done: 2, dataset_name: "Graded harbours" });
  const scores = { checks: 0.875, succeeded: 1, usd: 0.0021 };
  const compared = { workflow, version: 2, against: 1, runs: 8, done: 8, scores };
  const { id } = evaluations.add(compared, aComparison());
  evaluations.add({ workflow, status: "running", done: 1 });
  return id;
}

const CRM: McpServer = {
  id: "0190-mcp-1",
  name: "crm",
  url: "https://crm.example/mcp",
  credential: { secret: "crm_token", header: "Authorization", scheme: "Bearer" },
  tools: [
    {
      name: "find_customer",
      digest: "a".repeat(64),
      effect: "none",
      description: "Find a customer by the e-mail address that they wrote from.",
      input_schema: {
        type: "object",
        required: ["email"],
        properties: { email: { type: "string", description: "As it stands in the letter." } },
      },
    },
    {
      name: "send_mail",
      digest: "b".repeat(64),
      effect: "once",
      description: "Send a letter to a customer.",
      input_schema: { type: "object", properties: { to: { type: "string" } } },
    },
  ],
  calls_per_minute: 60,
  timeout_s: 30,
  etag: '"1"',
  updated_at: RECENTLY,
};

export const MODEL: Model = {
  id: null,
  name: "default",
  kind: "openai_compatible",
  model: "qwen3-14b",
  base_url: "http://models.local/v1",
  calls_tools: true,
  context_tokens: 32_768,
  extra_body: {},
  has_key: false,
  is_default: true,
  price: null,
  temperature: null,
  fallback: null,
  at_once: null,
  per_minute: null,
  source: "platform",
  etag: null,
  updated_at: null,
};
const MODELS: Model[] = [
  MODEL,
  {
    ...MODEL,
    id: "0190-model-1",
    name: "fast",
    model: "small-chat",
    context_tokens: 131_072,
    has_key: true,
    is_default: false,
    price: { input: 0.5, output: 2 },
    source: "workspace",
    etag: '"3"',
    updated_at: RECENTLY,
  },
];

/** Figures that fit each other: what the start page is looked at with. */
function aBusyWeek(workflow: { id: string; name: string }): Overview {
  const days = [4, 6, 5, 9, 7, 8, 3];
  return anOverview({
    approvals_waiting: 2,
    runs: { value: 42, before: 30, change: 0.4 },
    failures: { value: 3, before: 3, change: 0 },
    success_rate: { value: 0.93, before: 0.9, change: 0.03 },
    p50_ms: { value: 1_400, before: 1_500, change: -0.07 },
    p95_ms: { value: 4_200, before: 5_100, change: -0.18 },
    tokens: { value: 20_160, before: 14_400, change: 0.4 },
    usd: { value: 0.1, before: 0.07, change: 0.4 },
    series: days.map((runs, day) => ({
      at: `2026-03-0${day + 1}T00:00:00Z`,
      succeeded: runs - (day % 3 === 1 ? 1 : 0),
      failed: day % 3 === 1 ? 1 : 0,
      cancelled: 0,
      tokens: runs * 480,
      usd: runs * 0.0024,
    })),
    workflows: [{ workflow, runs: 42, failed: 3, average_ms: 1_600, tokens: 20_160, usd: 0.1 }],
  });
}

function titleOf(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("-", " ")}`;
}
