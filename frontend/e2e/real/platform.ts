/** A platform that runs already: how flows sign in, save workflows, script the model, and ask what was stored. */
import { test as base, expect, type Page } from "@playwright/test";
import type { Run, StepList, WorkflowDocument } from "@/api/generated";
import { expectAccessible } from "../fixtures";

function given(name: string): string {
  const value = process.env[`FLOWLOOM_E2E_${name}`];
  if (!value) throw new Error(`FLOWLOOM_E2E_${name} is not set: tests/e2e starts these flows`);
  return value;
}

/** One behaviour of the mock model; see benchmarks/mock_llm/plan.py. */
export interface Rule {
  name: string;
  match: string;
  mode?: "step" | "stream";
  texts?: string[];
  tokens?: number;
  tokens_per_s?: number;
  fault?: { status?: number; first_byte_s?: number };
  fault_times?: number;
}

export class Platform {
  readonly url = given("URL");
  readonly email = given("EMAIL");
  readonly password = given("PASSWORD");
  private readonly key = given("KEY");
  private readonly model = given("MODEL");

  async signIn(page: Page, path = "/"): Promise<void> {
    await page.goto(path);
    await page.getByLabel("E-mail").fill(this.email);
    await page.getByRole("textbox", { name: "Password" }).fill(this.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
  }

  async save(source: string): Promise<WorkflowDocument> {
    return this.post("/v1/workflows", { source });
  }

  async start(workflowId: string, inputs: Run["inputs"]): Promise<Run> {
    return this.post(`/v1/workflows/${workflowId}/runs`, { inputs, version: "draft" });
  }

  async run(id: string): Promise<Run> {
    return this.get(`/v1/runs/${id}`);
  }

  async steps(id: string): Promise<StepList> {
    return this.get(`/v1/runs/${id}/steps?limit=200`);
  }

  /** Say how the model behaves from now on. */
  async script(...rules: Rule[]): Promise<void> {
    const answer = await fetch(`${this.model}/rules?keep=0`, {
      method: "POST",
      body: JSON.stringify(rules),
    });
    expect(answer.ok, await answer.text()).toBe(true);
  }

  private async get<Answer>(path: string): Promise<Answer> {
    const answer = await fetch(this.url + path, { headers: { "x-api-key": this.key } });
    expect(answer.ok, `GET ${path}: ${answer.status}`).toBe(true);
    return (await answer.json()) as Answer;
  }

  private async post<Answer>(path: string, body: object): Promise<Answer> {
    const headers = { "x-api-key": this.key, "content-type": "application/json" };
    const answer = await fetch(this.url + path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    expect(answer.ok, `POST ${path}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text) as Answer;
  }
}

export const test = base.extend<{ platform: Platform; accessible: typeof expectAccessible }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from the pattern
  platform: async ({}, use) => use(new Platform()),
  baseURL: async ({ platform }, use) => use(platform.url),
  accessible: async ({ baseURL: _ }, use) => use(expectAccessible),
});
export { expect };

/** A workflow of one answer, under a name that no other flow uses. */
export function talk(name: string, more = ""): string {
  return `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: ${name}, title: ${name}}
inputs:
  type: object
  required: [topic]
  properties: {topic: {type: string, title: Topic, minLength: 3}}
steps:
  talk: {agent: research, prompt: "Talk about \${inputs.topic}. [[${name}/talk]]"}
${more}outputs: {text: "\${steps.talk.output}"}
`;
}
