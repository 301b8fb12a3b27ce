// @vitest-environment jsdom
/** Tools of a workspace's agent: chosen as in the builder, with those of the MCP servers that are agreed to. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AgentDefinition, McpServer } from "@/api/generated";
import { FakeGateway } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";
import { RECENTLY } from "@/testing/times";

const CRM: McpServer = {
  id: "mcp-1",
  name: "crm",
  url: "https://crm.example/mcp",
  credential: null,
  calls_per_minute: 60,
  timeout_s: 30,
  etag: '"1"',
  updated_at: RECENTLY,
  tools: [
    {
      name: "send_mail",
      digest: "a".repeat(64),
      effect: "once",
      description: "Send a letter to a customer.",
      input_schema: { properties: { to: { type: "string" } } },
    },
  ],
};
const CLERK = {
  name: "clerk",
  kind: "qa",
  scope: "workspace",
  role: "Clerk",
  goal: "Answer letters",
  backstory: "",
  tools: ["mcp/crm.gone"],
  state: "idle",
  etag: '"r1"',
  model: null,
};
let saved: AgentDefinition[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  saved = [];
  const gateway = new FakeGateway();
  gateway.mcpServers = [CRM];
  server = gateway.listen();
  permit(server, "agents:read", "agents:manage", "mcp_servers:read");
  server.use(
    listing("*/v1/agents", () => [CLERK]),
    http.put("*/v1/agents/:name", async ({ request }) => {
      saved.push((await request.json()) as AgentDefinition);
      return HttpResponse.json(CLERK);
    }),
  );
});
afterEach(() => server.close());

async function openTools() {
  await renderAt("/settings/agents");
  await userEvent.click(await screen.findByRole("button", { name: "Edit clerk" }, PATIENT));
  return await screen.findByRole("combobox", { name: "Tools" }, PATIENT);
}

it("finds a tool of a server by what it does, and saves it beside one of the kind", async () => {
  const box = await openTools();
  await userEvent.type(box, "letter customer");
  const option = await screen.findByRole("option", { name: /mcp\/crm.send_mail/ });
  expect(option).toHaveTextContent("Counts once");
  await userEvent.click(option);
  const card = screen.getByRole("listitem", { name: "mcp/crm.send_mail" });
  expect(card).toHaveTextContent("Of the MCP server crm");
  await userEvent.type(box, "golden");
  await userEvent.click(await screen.findByRole("option", { name: /qa.compare_with_golden/ }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(saved).toHaveLength(1), PATIENT);
  expect(saved[0]?.tools).toEqual(["mcp/crm.gone", "mcp/crm.send_mail", "qa.compare_with_golden"]);
}, 40_000);

it("says which tool nobody has agreed to, and offers no tools of other kinds", async () => {
  const box = await openTools();
  const card = await screen.findByRole("listitem", { name: "mcp/crm.gone" });
  expect(card).toHaveTextContent("Nobody has agreed to mcp/crm.gone");
  expect(within(card).getByRole("link", { name: "MCP servers" })).toHaveAttribute(
    "href",
    "/settings/mcp",
  );
  await userEvent.click(box);
  expect(await screen.findByRole("option", { name: /qa.assert/ })).toBeVisible();
  expect(screen.queryByRole("option", { name: /code.run/ })).toBeNull();
}, 40_000);
