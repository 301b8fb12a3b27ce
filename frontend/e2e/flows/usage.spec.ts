/** What was used, as a report and as a table to take away; and another answer, by another model. */
import { readFile } from "node:fs/promises";
import { HttpResponse, http } from "msw";
import type { UsageReport, UsageRow } from "@/api/generated";
import { problem } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { furnish } from "../gateway/world";

const ROW: UsageRow = {
  day: null,
  workflow: { id: "0190-workflow-1", name: "city-brief" },
  step: null,
  agent: null,
  model: "default",
  user_id: null,
  user: null,
  calls: 42,
  tokens: 20_160,
  usd: 1.25,
  seconds: 63,
};

function reporting(gateway: E2eGateway, items: UsageRow[]): string[] {
  const asked: string[] = [];
  const answer = (request: Request): UsageReport => {
    const { search, searchParams } = new URL(request.url);
    asked.push(search);
    const group_by = searchParams.getAll("group_by") as UsageReport["group_by"];
    const sums = { runs: 7, tokens: 20_160, tokens_saved: 900, usd: 1.25, seconds: 63 };
    const span = { since: "2026-02-07", until: "2026-03-08" };
    return { ...span, ...sums, group_by, items, is_complete: true };
  };
  gateway.use(
    http.get("*/v1/usage", ({ request }) => HttpResponse.json(answer(request))),
    http.get("*/v1/usage/export", ({ request }) => {
      asked.push(new URL(request.url).search);
      return new HttpResponse("workflow,tokens\r\ncity-brief,20160\r\n", {
        headers: { "content-type": "text/csv" },
      });
    }),
  );
  return asked;
}

test("reports what was used, grouped as wanted, and saves it @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  const asked = reporting(gateway, [ROW, { ...ROW, model: "", usd: 0, tokens: 0 }]);
  await page.goto("/settings/usage?since=2026-02-07");
  const table = page.getByRole("table", { name: "Usage" });
  await expect(table.getByRole("link", { name: "city-brief" }).first()).toBeVisible();
  await expect(table).toContainText("$1.25");
  await expect(table).toContainText("tools");
  await expect(page.getByText("7 runs · 20.2K tokens, 900 saved · $1.25")).toBeVisible();
  await accessible(page);
  await page.getByRole("combobox", { name: "Grouped by" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: "Person" }).click();
  await expect(page).toHaveURL(/by=workflow&by=model&by=user&since=2026-02-07/);
  await page.keyboard.press("Escape");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("usage.csv");
  expect(await readFile((await file.path()) ?? "", "utf8")).toContain("city-brief,20160");
  expect(asked.at(-1)).toBe("?since=2026-02-07&group_by=workflow&group_by=model&group_by=user");
});

test("says when nothing was used, when it failed, and to whom it is closed", async ({
  page,
  gateway,
}) => {
  reporting(gateway, []);
  await page.goto("/settings/usage");
  await expect(page.getByRole("heading", { name: "Nothing was used" })).toBeVisible();
  gateway.use(http.get("*/v1/usage", () => problem(403, "Not allowed")));
  await page.reload();
  await expect(page.getByRole("heading", { name: "Not allowed" })).toBeVisible();
  gateway.me = { ...gateway.me, permissions: [] };
  await page.reload();
  await expect(page.getByRole("heading", { name: "Not for your role" })).toBeVisible();
});

test("asks another model for another answer, by keyboard", async ({
  page,
  gateway,
  accessible,
}) => {
  const { talk } = furnish(gateway);
  gateway.talks.answer = { text: "Keep N7." };
  await page.goto(`/chat/${talk}`);
  await page.getByRole("button", { name: "Another answer by another model" }).press("Enter");
  await expect(page.getByRole("menuitem", { name: "fast" })).toBeVisible();
  await accessible(page);
  await page.getByRole("menuitem", { name: "fast" }).press("Enter");
  await expect(page.getByText("Keep N7.")).toBeVisible();
  expect(gateway.talks.models).toEqual(["fast"]);
});
