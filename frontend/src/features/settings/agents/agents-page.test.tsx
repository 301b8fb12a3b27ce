// @vitest-environment jsdom
/** Agents of a workspace: the platform's beside them, made, changed in the state that was read, deleted. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Agent, AgentDefinition } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const QA = {
  name: "qa",
  kind: "qa",
  scope: "platform",
  role: "Reviewer",
  goal: "Check a text",
  tools: ["memory.search", "qa.assert"],
  state: "idle",
  backstory: "",
  etag: null,
  model: null,
} as unknown as Agent;
const CRITIC: Agent = {
  ...QA,
  name: "critic",
  scope: "workspace",
  role: "Critic",
  goal: "Find what is wrong",
  temperature: 0.2,
  etag: '"r3"',
};
let agents: Agent[];
let asked: { name: string; match: string | null; body?: AgentDefinition }[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  agents = [QA, CRITIC];
  asked = [];
  server = new FakeGateway().listen();
  permit(server, "agents:read", "agents:manage");
  server.use(
    listing("*/v1/agents", () => agents),
    http.put("*/v1/agents/:name", async ({ params, request }) => {
      const body = (await request.json()) as AgentDefinition;
      asked.push({ name: String(params.name), match: request.headers.get("if-match"), body });
      agents = [QA, { ...CRITIC, name: String(params.name) }];
      return HttpResponse.json(agents[1]);
    }),
    http.delete("*/v1/agents/:name", ({ params, request }) => {
      asked.push({ name: String(params.name), match: request.headers.get("if-match") });
      agents = [QA];
      return new HttpResponse(null, { status: 204 });
    }),
  );
});
afterEach(() => server.close());

it("makes the first agent of the workspace", async () => {
  agents = [QA];
  await renderAt("/settings/agents");
  const empty = await screen.findByRole("heading", { name: "No agent of your own yet" }, PATIENT);
  expect(empty).toBeVisible();
  expect(screen.queryByRole("button", { name: "Edit qa" })).toBeNull();
  await userEvent.click(screen.getAllByRole("button", { name: "New agent" })[0] as HTMLElement);
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "critic");
  await userEvent.type(screen.getByRole("textbox", { name: "Role" }), "Critic");
  await userEvent.type(screen.getByRole("textbox", { name: "Goal" }), "Find faults");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("button", { name: "Edit critic" }, PATIENT)).toBeVisible();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    name: "critic",
    match: null,
    body: { kind: "research", role: "Critic", goal: "Find faults", tools: null, model: null },
  });
}, 40_000);

it("changes the agent that was read and keeps what the form does not show", async () => {
  await renderAt("/settings/agents");
  await userEvent.click(await screen.findByRole("button", { name: "Edit critic" }, PATIENT));
  const goal = await screen.findByRole("textbox", { name: "Goal" });
  await userEvent.clear(goal);
  await userEvent.type(goal, "Praise");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked).toHaveLength(1), PATIENT);
  expect(asked[0]).toMatchObject({
    match: '"r3"',
    body: { kind: "qa", goal: "Praise", tools: null, temperature: 0.2 },
  });
}, 40_000);

it("deletes an agent when it is asked twice", async () => {
  await renderAt("/settings/agents");
  await userEvent.click(await screen.findByRole("button", { name: "Delete critic" }, PATIENT));
  expect(await screen.findByText(/Runs that have started keep it/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(asked).toEqual([{ name: "critic", match: '"r3"' }]), PATIENT);
}, 40_000);

/** Somebody opens an agent, another one saves it, and the first one saves too. */
async function beLate(theirs: Agent[]) {
  server.use(
    http.put("*/v1/agents/:name", async ({ params, request }) => {
      const known = agents.find(({ name }) => name === params.name);
      const match = request.headers.get("if-match");
      if (match !== null && match !== known?.etag) return problem(412, "Changed meanwhile");
      const body = (await request.json()) as AgentDefinition;
      asked.push({ name: String(params.name), match, body });
      return HttpResponse.json(CRITIC);
    }),
  );
  await renderAt("/settings/agents");
  await userEvent.click(await screen.findByRole("button", { name: "Edit critic" }, PATIENT));
  const goal = await screen.findByRole("textbox", { name: "Goal" });
  await userEvent.clear(goal);
  await userEvent.type(goal, "Praise");
  agents = theirs;
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  return goal;
}

it("keeps what was typed when somebody else saved, and puts both together", async () => {
  const goal = await beLate([QA, { ...CRITIC, role: "Judge", goal: "Judge", etag: '"r4"' }]);
  const notice = await screen.findByRole("alert", {}, PATIENT);
  expect(notice).toHaveTextContent("Role Now: Judge");
  expect(notice).toHaveTextContent("Goal Now: JudgeYours: Praise");
  expect(goal).toHaveValue("Praise");
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  expect(screen.getByRole("textbox", { name: "Role" })).toHaveValue("Judge");
  expect(goal).toHaveValue("Praise");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked).toHaveLength(1), PATIENT);
  expect(asked[0]).toMatchObject({ match: '"r4"', body: { role: "Judge", goal: "Praise" } });
}, 40_000);

it("takes what somebody else saved when asked", async () => {
  const goal = await beLate([QA, { ...CRITIC, goal: "Judge", etag: '"r4"' }]);
  await userEvent.click(await screen.findByRole("button", { name: "Take theirs" }, PATIENT));
  expect(goal).toHaveValue("Judge");
}, 40_000);

it("makes an agent anew that somebody else deleted, in the words that were typed", async () => {
  await beLate([QA]);
  expect(await screen.findByText(/has deleted this meanwhile/, {}, PATIENT)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Make it anew" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked).toHaveLength(1), PATIENT);
  expect(asked[0]).toMatchObject({ name: "critic", match: null, body: { goal: "Praise" } });
}, 40_000);

it("shows why the server refused when it cannot be read again", async () => {
  server.use(http.put("*/v1/agents/:name", () => problem(412, "The agent has changed meanwhile")));
  await renderAt("/settings/agents");
  await userEvent.click(await screen.findByRole("button", { name: "Edit critic" }, PATIENT));
  server.use(http.get("*/v1/agents", () => problem(403, "Not allowed")));
  await userEvent.click(await screen.findByRole("button", { name: "Save" }));
  expect(await screen.findByText("The agent has changed meanwhile", {}, PATIENT)).toBeVisible();
}, 40_000);
