/** The list of workflows: labels, several at once, files that come and go, and those of other programs. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { example, furnish } from "../gateway/world";

const foreign = (name: string) =>
  fileURLToPath(new URL(`../../../packages/language/tests/foreign/${name}`, import.meta.url));
const rows = (page: Page) => page.getByRole("table", { name: "Workflows" }).locator("[role=row] a");

test("filters by labels and states that stand in the address @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  await page.goto("/workflows");
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole("button", { name: "Only team=city" }).press("Enter");
  await expect(rows(page)).toHaveText(["City brief"]);
  await expect(page).toHaveURL(/label=team%3Dcity/);
  await accessible(page);
  await page.getByRole("combobox", { name: "Filter by state" }).click();
  await page.getByRole("option", { name: "Not published" }).click();
  await expect(page.getByText("No workflow has this state and label.")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(rows(page)).toHaveCount(5);
});

test("exports and deletes several at once", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  gateway.exchange.secrets = ["crm_token"];
  await page.goto("/workflows");
  await page.getByRole("checkbox", { name: "Choose City brief" }).check();
  await page.getByRole("checkbox", { name: "Choose Invoice totals" }).check();
  const bar = page.getByRole("region", { name: "Chosen workflows" });
  const names: string[] = [];
  page.on("download", (file) => names.push(file.suggestedFilename()));
  await bar.getByRole("button", { name: "Export" }).click();
  await expect(page.getByText("needs these secrets: crm_token.")).toBeVisible();
  await expect.poll(() => names).toEqual(["city-brief.yaml", "invoice-totals.yaml"]);
  await bar.getByRole("button", { name: "Delete" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Delete 2 workflows" }).click();
  await expect(page.getByText("2 workflows are deleted.")).toBeVisible();
  await expect(rows(page)).toHaveCount(3);
  expect(gateway.exchange.deleted).toHaveLength(2);
});

test("imports a file of another program and reports what it lost", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  gateway.exchange.problems = [
    {
      where: "Send mail",
      step: "send_mail",
      what: "SMTP is not spoken here.",
      to_do: "Call a tool.",
    },
  ];
  await page.goto("/workflows");
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[type=file]").setInputFiles(foreign("n8n-orders.json"));
  await expect(dialog.getByRole("combobox", { name: "Of which program" })).toHaveValue("n8n");
  await accessible(page);
  await dialog.getByRole("button", { name: "Import" }).click();
  const report = dialog.getByRole("list", { name: "Not carried over" });
  await expect(report).toContainText("SMTP is not spoken here.");
  await expect(report).toContainText("Call a tool.");
  await expect(dialog.getByText("1 thing was not carried over")).toBeVisible();
  await accessible(page);
  await dialog.getByRole("link", { name: "Open the workflow" }).click();
  await expect(page).toHaveURL(/\/workflows\/0190-workflow-6/);
  expect(gateway.exchange.imported).toMatchObject([
    { format: "n8n", source: await readFile(foreign("n8n-orders.json"), "utf8") },
  ]);
});

test("takes what is dropped on the list, and the two files of a crew", async ({
  page,
  gateway,
}) => {
  furnish(gateway);
  await page.goto("/workflows");
  await expect(rows(page)).toHaveCount(5);
  const files = await page.evaluateHandle(() => {
    const held = new DataTransfer();
    held.items.add(new File(["writer: {role: Writer}"], "agents.yaml"));
    held.items.add(new File(["write: {agent: writer}"], "tasks.yaml"));
    return held;
  });
  const table = page.getByRole("table", { name: "Workflows" });
  for (const kind of ["dragover", "drop"]) await table.dispatchEvent(kind, { dataTransfer: files });
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "agents.yaml" })).toHaveValue(/Writer/);
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(dialog.getByText("All of it was carried over.")).toBeVisible();
  expect(gateway.exchange.imported).toMatchObject([
    { format: "crewai", source: "write: {agent: writer}", agents: "writer: {role: Writer}" },
  ]);
});

test("takes a document that is pasted, says why it refuses one, on a phone", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/workflows");
  await expect(rows(page)).toHaveCount(5);
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, example("market-brief"));
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("combobox", { name: "Of which program" })).toHaveValue("Flowloom");
  await dialog.getByRole("textbox", { name: "The document" }).fill("broken");
  await expect(dialog.getByRole("button", { name: "Import" })).toBeDisabled();
  await dialog.getByRole("combobox", { name: "Of which program" }).click();
  await page.getByRole("option", { name: "Dify" }).click();
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(dialog.getByRole("alert")).toContainText("This is no such file");
  await accessible(page);
});

test("offers ways to begin where there is none, and none to who may only look", async ({
  page,
  gateway,
  accessible,
}) => {
  await page.goto("/workflows");
  await expect(page.getByRole("link", { name: "From a template" })).toBeVisible();
  await accessible(page);
  gateway.me = { ...gateway.me, permissions: ["workflows:read"] };
  await page.reload();
  const make = page.getByRole("button", { name: "New workflow" }).first();
  await expect(make).toBeDisabled();
});
