// @vitest-environment jsdom
/** MCP servers: added after a look at their tools, which are agreed to one by one; tested, changed, deleted. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type {
  McpCheck,
  McpServer,
  McpServerList,
  McpToolSeen,
  SaveMcpServer,
} from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const SEEN: McpToolSeen = {
  name: "find_customer",
  digest: "a".repeat(64),
  description: "Find a customer by e-mail.",
  input_schema: { type: "object", properties: { email: { type: "string" } } },
  suggested_effect: "none",
  state: "new",
};
const CHECK: McpCheck = {
  ok: true,
  duration_ms: 42,
  code: null,
  message: null,
  server: "crm 2.1",
  protocol: "2025-11-25",
  tools: [SEEN],
  left_out: ["huge: its schema has more than 1,000 values"],
};
const CRM: McpServer = {
  id: "mcp-1",
  name: "crm",
  url: "https://crm.example/mcp",
  credential: { secret: "crm_token", header: "Authorization", scheme: "Bearer" },
  tools: [
    {
      name: "find_customer",
      digest: SEEN.digest,
      effect: "none",
      description: SEEN.description,
      input_schema: SEEN.input_schema,
    },
  ],
  calls_per_minute: 60,
  timeout_s: 30,
  etag: '"1"',
  updated_at: "2026-03-07T10:00:00Z",
};
let servers: McpServer[];
let programs: McpServerList["programs"];
let check: McpCheck;
let sent: { match: string | null; body: SaveMcpServer }[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  servers = [CRM];
  programs = [];
  check = CHECK;
  sent = [];
  server = new FakeGateway().listen();
  permit(server, "mcp_servers:read", "mcp_servers:manage", "secrets:read");
  const keep = async (request: Request) => {
    const match = request.headers.get("if-match");
    sent.push({ match, body: (await request.json()) as SaveMcpServer });
    return HttpResponse.json(CRM);
  };
  server.use(
    http.get("*/v1/mcp-servers", () => HttpResponse.json({ items: servers, programs })),
    listing("*/v1/secrets", () => [{ name: "crm_token" }]),
    http.post("*/v1/mcp-servers", ({ request }) => keep(request)),
    http.put("*/v1/mcp-servers/:id", ({ request }) => keep(request)),
    http.post("*/v1/mcp-servers/check", () => HttpResponse.json(check)),
    http.post("*/v1/mcp-servers/:id/check", () => HttpResponse.json(check)),
    http.delete("*/v1/mcp-servers/:id", () => {
      servers = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
});
afterEach(() => server.close());

it("adds a server after a look at its tools, with those that were agreed to", async () => {
  servers = [];
  await renderAt("/settings/mcp");
  expect(await screen.findByRole("heading", { name: "No MCP server yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "Add server" })[0] as HTMLElement);
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "crm");
  await userEvent.type(screen.getByRole("textbox", { name: "Address" }), "https://crm.example/mcp");
  await userEvent.type(screen.getByRole("combobox", { name: "Secret" }), "crm_token");
  await userEvent.click(screen.getByRole("button", { name: "Look at its tools" }));
  const tool = await screen.findByRole("checkbox", { name: "Agree to find_customer" }, PATIENT);
  expect(screen.getByText("Find a customer by e-mail.")).toBeVisible();
  expect(screen.getByText("1 tool cannot be called here")).toBeVisible();
  await userEvent.click(tool);
  expect(screen.getByText("The server says: Changes nothing")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toHaveLength(1), PATIENT);
  expect(sent[0]).toEqual({
    match: null,
    body: {
      name: "crm",
      url: "https://crm.example/mcp",
      credential: { secret: "crm_token", header: "Authorization", scheme: "Bearer" },
      tools: [{ name: "find_customer", digest: SEEN.digest, effect: "once" }],
      calls_per_minute: 60,
      timeout_s: 30,
    },
  });
}, 60_000);

it("shows what may be called, and what a test finds to have changed", async () => {
  check = { ...CHECK, tools: [{ ...SEEN, digest: "b".repeat(64), state: "changed" }] };
  await renderAt("/settings/mcp");
  const card = within(await screen.findByRole("region", { name: "crm" }, PATIENT));
  expect(card.getByText("mcp/crm.find_customer")).toBeVisible();
  expect(card.getByText("Sends the secret crm_token")).toBeVisible();
  await userEvent.click(card.getByRole("button", { name: "Test crm" }));
  const told = await card.findByRole("status", {}, PATIENT);
  expect(told).toHaveTextContent("crm 2.1 · 2025-11-25");
  expect(told).toHaveTextContent("find_customer: has changed");
}, 40_000);

it("says why a server cannot be asked", async () => {
  const message = "The server refuses the credential: renew the secret 'crm_token'.";
  check = { ...CHECK, ok: false, code: "auth", message, tools: [], left_out: [] };
  await renderAt("/settings/mcp");
  await userEvent.click(await screen.findByRole("button", { name: "Test crm" }, PATIENT));
  const alert = await screen.findByRole("alert", {}, PATIENT);
  expect(alert).toHaveTextContent(message);
  expect(alert).toHaveTextContent("auth");
}, 40_000);

it("agrees anew to a tool that has changed, in the state that was read", async () => {
  check = { ...CHECK, tools: [{ ...SEEN, digest: "b".repeat(64), state: "changed" }] };
  await renderAt("/settings/mcp");
  await userEvent.click(await screen.findByRole("button", { name: "Edit crm" }, PATIENT));
  await userEvent.click(await screen.findByRole("button", { name: "Look at its tools" }, PATIENT));
  expect(await screen.findByText(/has changed/, {}, PATIENT)).toBeVisible();
  const box = screen.getByRole("checkbox", { name: "Agree to find_customer" });
  expect(box).not.toBeChecked();
  await userEvent.click(box);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toHaveLength(1), PATIENT);
  expect(sent[0]).toMatchObject({
    match: '"1"',
    body: { tools: [{ name: "find_customer", digest: "b".repeat(64), effect: "none" }] },
  });
}, 60_000);

it("keeps what was typed when somebody else changed the server", async () => {
  server.use(
    http.put("*/v1/mcp-servers/:id", async ({ request }) => {
      const match = request.headers.get("if-match");
      if (match !== servers[0]?.etag) return problem(412, "The MCP server has changed meanwhile");
      sent.push({ match, body: (await request.json()) as SaveMcpServer });
      return HttpResponse.json(CRM);
    }),
  );
  await renderAt("/settings/mcp");
  await userEvent.click(await screen.findByRole("button", { name: "Edit crm" }, PATIENT));
  const address = await screen.findByRole("textbox", { name: "Address" });
  await userEvent.type(address, "/v2");
  servers = [{ ...CRM, timeout_s: 99, etag: '"2"' }];
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const notice = await screen.findByRole("alert", {}, PATIENT);
  expect(notice).toHaveTextContent("Seconds to wait for an answer Now: 99");
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toHaveLength(1), PATIENT);
  expect(sent[0]).toMatchObject({
    match: '"2"',
    body: { url: "https://crm.example/mcp/v2", timeout_s: 99 },
  });
}, 60_000);

it("deletes a server after asking", async () => {
  await renderAt("/settings/mcp");
  await userEvent.click(await screen.findByRole("button", { name: "Delete crm" }, PATIENT));
  expect(await screen.findByText(/Steps that name its tools fail/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("heading", { name: "No MCP server yet" }, PATIENT)).toBeVisible();
}, 40_000);

it("lets a viewer look, keeps others out, and shows a failure", async () => {
  permit(server, "mcp_servers:read");
  const first = await renderAt("/settings/mcp");
  const edit = await screen.findByRole("button", { name: "Edit crm" }, PATIENT);
  expect(edit).toHaveAttribute("aria-disabled", "true");
  first.unmount();
  permit(server, "runs:read");
  const second = await renderAt("/settings/mcp");
  expect(await screen.findByText(/can open this page for you/, {}, PATIENT)).toBeVisible();
  second.unmount();
  permit(server, "mcp_servers:read");
  server.use(http.get("*/v1/mcp-servers", () => problem(500, "Something broke")));
  await renderAt("/settings/mcp");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 60_000);

it("shows the operator's programs beside the servers, which nobody here can change", async () => {
  servers = [];
  const tools = [{ name: "read", effect: "none" as const }];
  programs = [{ name: "files", tools, calls_per_minute: 60, timeout_s: 30 }];
  await renderAt("/settings/mcp");
  const card = within(await screen.findByRole("region", { name: "files" }, PATIENT));
  expect(card.getByText("mcp/files.read")).toBeVisible();
  expect(card.getByText("Of the operator")).toBeVisible();
  expect(card.queryByRole("button")).toBeNull();
  expect(screen.getByRole("heading", { name: "No MCP server yet" })).toBeVisible();
}, 40_000);
