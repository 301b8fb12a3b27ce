/** The list of runs: a line that filters it, a place that it keeps, views, several at once, and a table to take away. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { failedRun, furnish, goodRun, THREE_STEPS } from "../gateway/world";

const line = (page: Page) => page.getByRole("textbox", { name: "Filter runs" });
const rows = (page: Page) => page.getByRole("table", { name: "Runs" }).locator("[role=row] a");

function going(gateway: E2eGateway, ...ids: string[]): void {
  for (const id of ids)
    gateway.runs.add(id, THREE_STEPS, goodRun(id).events.slice(0, 8), {
      workflow: { id: "0190-other", name: "night-shift" },
    });
}

test("filters by a line that stands in the address @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  going(gateway, "0190-going");
  await page.goto("/runs?status=failed");
  await expect(line(page)).toHaveValue("status:failed");
  await expect(rows(page)).toHaveCount(1);
  await line(page).fill("status:error,running workflow:night-shift");
  await line(page).press("Enter");
  await expect(rows(page)).toHaveText(["night-shift"]);
  await expect(page).toHaveURL(/\?q=status%3Aerror%2Crunning\+workflow%3Anight-shift$/);
  await page.reload();
  await expect(line(page)).toHaveValue("status:error,running workflow:night-shift");
  await line(page).fill("duration:5s colour:red");
  await line(page).press("Enter");
  await expect(page.getByText("write it like duration:>5s")).toBeVisible();
  await expect(page.getByText("“colour:red”: there is no such word")).toBeVisible();
  await accessible(page);
  await line(page).fill("workflow:nobody");
  await line(page).press("Enter");
  await expect(page.getByRole("heading", { name: "No run is like that" })).toBeVisible();
});

test("stays in its place until new runs are asked for", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  await page.goto("/runs");
  await expect(rows(page)).toHaveCount(2);
  going(gateway, "0190-new-1", "0190-new-2");
  await expect(page.getByRole("button", { name: "2 new runs" })).toBeVisible();
  await expect(rows(page)).toHaveText(["city-brief", "city-brief"]);
  await accessible(page);
  await page.getByRole("button", { name: "2 new runs" }).click();
  await expect(rows(page)).toHaveText(["night-shift", "night-shift", "city-brief", "city-brief"]);
});

test("cancels and repeats several at once, by keyboard", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  going(gateway, "0190-going-1", "0190-going-2");
  await page.goto("/runs");
  await page.getByRole("checkbox", { name: "Choose all" }).press("Space");
  const bar = page.getByRole("region", { name: "Chosen runs" });
  await expect(bar.getByText("4 runs chosen")).toBeVisible();
  await accessible(page);
  await bar.getByRole("button", { name: "Cancel" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Cancel 2 runs?" });
  await accessible(page);
  await dialog.getByRole("button", { name: "Cancel 2 runs" }).press("Enter");
  await expect(page.getByText("2 runs are being cancelled.")).toBeVisible();
  await expect(bar).toHaveCount(0);
  await page
    .getByRole("checkbox", { name: /^Choose city-brief/ })
    .first()
    .check();
  await bar.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("1 run tries again.")).toBeVisible();
  expect(gateway.runs.commands.toSorted()).toEqual([
    "cancel 0190-going-1",
    "cancel 0190-going-2",
    "retry 0190-run-2",
  ]);
});

test("says why a command is not for the chosen runs", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.me = { ...gateway.me, permissions: ["runs:read", "runs:cancel", "workflows:read"] };
  await page.goto("/runs");
  await page.getByRole("checkbox", { name: "Choose all" }).check();
  const bar = page.getByRole("region", { name: "Chosen runs" });
  for (const [name, why] of [
    ["Cancel", "None of them is at work."],
    ["Try again", "Your role does not allow this."],
  ] as const) {
    const button = bar.getByRole("button", { name });
    await expect(button).toHaveAttribute("data-hint", why);
    await button.press("Enter");
  }
  expect(gateway.runs.commands).toEqual([]);
});

test("keeps a view under a name, on a phone too", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/runs");
  await line(page).fill("status:failed since:7d");
  await line(page).press("Enter");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Keep this view …" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Broken this week");
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto("/runs");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Broken this week" }).click();
  await expect(line(page)).toHaveValue("status:failed since:7d");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Broken this week" }).click();
  await page.getByRole("menuitem", { name: "Forget “Broken this week”" }).click();
  await expect(page.getByRole("button", { name: "Views" })).toBeVisible();
});

test("has older pages, and all of them in one table", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.runs.add("0190-run-3", THREE_STEPS, failedRun("0190-run-3").events);
  gateway.runs.mostOfAPage = 2;
  await page.goto("/runs");
  await expect(rows(page)).toHaveText(["market-brief", "city-brief"]);
  await page.getByRole("button", { name: "Older runs" }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Newer runs" }).click();
  await expect(rows(page)).toHaveCount(2);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const table = await readFile((await (await download).path()) ?? "", "utf8");
  expect(table.trim().split("\r\n")).toEqual([
    "id,workflow,status",
    "0190-run-3,market-brief,failed",
    "0190-run-2,city-brief,failed",
    "0190-run-1,city-brief,succeeded",
  ]);
});
