/** An MCP server is added after a look at its tools, and a step of the builder calls one of them. */
import { HttpResponse, http } from "msw";
import type { McpCheck, SaveMcpServer } from "@/api/generated";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

const CHECK: McpCheck = {
  ok: true,
  duration_ms: 42,
  code: null,
  message: null,
  server: "desk 1.4",
  protocol: "2025-11-25",
  tools: [
    {
      name: "book_room",
      digest: "c".repeat(64),
      description: "Book a room for a meeting.",
      input_schema: {
        type: "object",
        required: ["room"],
        properties: { room: { type: "string" } },
      },
      suggested_effect: "idempotent",
      state: "new",
    },
  ],
  left_out: [],
};

test("adds a server, agrees to a tool, and lets a step call it", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  gateway.use(
    http.post("*/v1/mcp-servers/check", () => HttpResponse.json(CHECK)),
    http.post("*/v1/mcp-servers", async ({ request }) => {
      const { tools = [], ...body } = (await request.json()) as SaveMcpServer;
      const [known] = gateway.mcpServers;
      const agreed = tools.map((tool) => ({ ...CHECK.tools[0], effect: "once", ...tool }));
      const made = { ...known, ...body, id: "0190-mcp-2", tools: agreed, credential: null };
      gateway.mcpServers = [...gateway.mcpServers, made as (typeof gateway.mcpServers)[number]];
      return HttpResponse.json(made, { status: 201 });
    }),
  );
  await page.goto("/settings/mcp");
  await page.getByRole("button", { name: "Add server" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("desk");
  await dialog.getByRole("textbox", { name: "Address" }).fill("https://desk.example/mcp");
  await dialog.getByRole("button", { name: "Look at its tools" }).click();
  await dialog.getByRole("checkbox", { name: "Agree to book_room" }).check();
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("mcp/desk.book_room")).toBeVisible();

  await page.goto(`/workflows/${workflow}`);
  await page.locator('[id="steps.facts"]').click();
  const tools = page.getByRole("combobox", { name: "Tools" });
  await tools.fill("meeting");
  const option = page.getByRole("option", { name: /mcp\/desk\.book_room/ });
  await expect(option).toContainText("Book a room for a meeting.");
  await accessible(page);
  await option.click();
  await expect(page.getByRole("listitem", { name: "mcp/desk.book_room" })).toContainText(
    "Of the MCP server desk",
  );
  await expect.poll(() => gateway.workflows.get(workflow)?.source).toContain("mcp/desk.book_room");
});

test("says what to do when a server cannot be asked", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  const message = "The server refuses the credential: renew the secret 'crm_token'.";
  const failed: McpCheck = { ...CHECK, ok: false, code: "auth", message, tools: [] };
  gateway.use(http.post("*/v1/mcp-servers/:id/check", () => HttpResponse.json(failed)));
  await page.goto("/settings/mcp");
  await page.getByRole("button", { name: "Test crm" }).click();
  await expect(page.getByRole("alert")).toContainText(message);
  await accessible(page);
});
