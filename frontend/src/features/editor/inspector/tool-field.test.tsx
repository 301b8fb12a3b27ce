// @vitest-environment jsdom
/** The tools that a step can name: found by what they do, shown with whose they are and what a call does. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { McpServer } from "@/api/generated";
import type { JsonObject } from "@/domain/expressions/values";
import { FakeGateway } from "@/testing/fake-gateway";
import { renderPart } from "@/testing/render";
import { PATIENT } from "@/testing/settings";
import { type Field, fieldsOf } from "./field-schema";
import { FormProvider } from "./form-context";
import { FormField } from "./form-field";

const CRM = {
  id: "mcp-1",
  name: "crm",
  url: "https://crm.example/mcp",
  credential: null,
  calls_per_minute: 60,
  timeout_s: 30,
  etag: '"1"',
  updated_at: "2026-03-07T10:00:00Z",
  tools: [
    {
      name: "send_mail",
      digest: "a".repeat(64),
      effect: "once",
      description: "Send a letter to a customer.",
      input_schema: {
        required: ["to", "urgent"],
        properties: {
          to: { type: "string", description: "E-mail address." },
          urgent: { type: "boolean" },
          note: { type: "string" },
        },
      },
    },
  ],
} satisfies McpServer;
const [TOOL, TOOLS] = fieldsOf({
  properties: {
    tool: { type: "string", title: "Tool", "x-ui": { widget: "tool", order: 0 } },
    tools: { type: "array", title: "Tools", "x-ui": { widget: "tools", order: 1 } },
  },
}) as [Field, Field];

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
const set = vi.fn();
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.mcpServers = [CRM];
  server = gateway.listen();
  set.mockClear();
});
afterEach(() => server.close());

function draw(field: Field, value: string | string[] | undefined, given?: JsonObject) {
  return renderPart(
    <MemoryRouter>
      <FormProvider
        value={{
          set,
          remove: () => undefined,
          problemAt: () => undefined,
          suggestions: { tool: ["memory.search"], tools: ["memory.search", "web.fetch"] },
          step: { path: "steps.mail", given },
        }}
      >
        <FormField field={field} path={`steps.mail.${field.name}`} value={value} />
      </FormProvider>
    </MemoryRouter>,
  );
}

/** The field comes after the form around it; until then its place is shown. */
async function ready(name: string): Promise<HTMLElement> {
  const box = () => screen.getByRole("combobox", { name });
  await waitFor(() => expect(box()).not.toHaveAttribute("readonly"), PATIENT);
  return box();
}

it("finds a tool of a server by what it does, and says what a call does", async () => {
  await draw(TOOL, undefined);
  const box = await ready("Tool");
  await userEvent.click(box);
  await screen.findByRole("option", { name: /mcp\/crm\.send_mail/ }, PATIENT);
  expect(screen.getByRole("option", { name: /memory\.search.*Changes nothing/ })).toBeVisible();
  await userEvent.click(screen.getByRole("option", { name: /mcp\/crm\.send_mail/ }));
  expect(set).toHaveBeenLastCalledWith("steps.mail.tool", "mcp/crm.send_mail");
}, 20_000);

it("narrows the tools by words of their descriptions", async () => {
  await draw(TOOLS, []);
  const box = await ready("Tools");
  await userEvent.type(box, "letter customer");
  const option = await screen.findByRole("option", { name: /mcp\/crm\.send_mail/ }, PATIENT);
  expect(option).toHaveTextContent("Counts once");
  expect(screen.queryByRole("option", { name: /web\.fetch/ })).toBeNull();
  await userEvent.click(option);
  expect(set).toHaveBeenLastCalledWith("steps.mail.tools", ["mcp/crm.send_mail"]);
}, 20_000);

it("shows a chosen tool with its server and arguments, and writes those that are needed", async () => {
  await draw(TOOL, "mcp/crm.send_mail", { to: "ada@example.org" });
  const card = within(await screen.findByRole("listitem", { name: "mcp/crm.send_mail" }, PATIENT));
  expect(card.getByText("Send a letter to a customer.")).toBeVisible();
  expect(card.getByText(/Of the MCP server crm · It is never repeated/)).toBeVisible();
  await userEvent.click(card.getByText("Arguments"));
  expect(card.getByText("E-mail address.")).toBeVisible();
  await userEvent.click(card.getByRole("button", { name: "Write its arguments into the step" }));
  expect(set).toHaveBeenCalledWith("steps.mail.with", { to: "ada@example.org", urgent: false });
}, 20_000);

it("says that nobody has agreed to a tool, and where that is done", async () => {
  await draw(TOOLS, ["mcp/crm.delete_all", "web.fetch"]);
  const list = within(await screen.findByRole("list", { name: "Chosen tools" }, PATIENT));
  const unknown = await list.findByRole("listitem", { name: "mcp/crm.delete_all" }, PATIENT);
  expect(unknown).toHaveTextContent("Nobody has agreed to mcp/crm.delete_all");
  expect(within(unknown).getByRole("link")).toHaveAttribute("href", "/settings/mcp");
  expect(list.getByRole("listitem", { name: "web.fetch" })).toHaveTextContent(
    "Reads a public web page as text.",
  );
}, 20_000);
