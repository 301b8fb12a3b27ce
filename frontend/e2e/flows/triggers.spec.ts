/** What starts workflows by itself: schedules that are paused, addresses with a secret, deliveries that are run again. */
import { http } from "msw";
import { problem } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("pauses a schedule and lets it go on @fast", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  await page.goto("/settings/triggers");
  const table = page.getByRole("table", { name: "Schedules" });
  await expect(table).toContainText("0 7 * * MON");
  await expect(table).toContainText("Europe/Berlin");
  await expect(table).toContainText("Mar 8, 2100");
  await table.getByRole("button", { name: "Pause weekly" }).press("Enter");
  await expect(table.getByText("Paused")).toBeVisible();
  await accessible(page);
  await table.getByRole("button", { name: "Go on with weekly" }).click();
  await expect(table).toContainText("Mar 8, 2100");
});

test("makes the secret of a signed address and shows it once", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  await page.goto("/settings/triggers");
  const card = page.getByRole("region", { name: "city-brief: orders" });
  await expect(card.getByText(/there is no secret yet/)).toBeVisible();
  await expect(card.getByRole("textbox", { name: "Address" })).toHaveText(
    `${gateway.url}/hooks/0190-hook-2`,
  );
  await card.getByRole("button", { name: /^Make a secret/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make a secret" }).click();
  await expect(dialog.getByText("whsec_once")).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText("whsec_once")).toHaveCount(0);
  await expect(card.getByRole("button", { name: /^New secret for/ })).toBeVisible();
});

test("runs a delivery again that was given up", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  const dead = gateway.triggers.addDelivery("0190-hook-2", {
    status: "dead",
    run_id: null,
    attempts: 8,
    reason: "The inputs do not fit the workflow.",
  });
  await page.goto("/settings/triggers");
  const card = page.getByRole("region", { name: "city-brief: orders" });
  await card.getByRole("button", { name: /^Show deliveries/ }).click();
  await expect(card.getByRole("link", { name: "Run", exact: true })).toBeVisible();
  await card.getByRole("combobox", { name: "Status of the deliveries" }).click();
  await page.getByRole("option", { name: "Given up" }).click();
  await expect(card.getByText("The inputs do not fit the workflow.")).toBeVisible();
  await expect(card.getByRole("link", { name: "Run", exact: true })).toHaveCount(0);
  await accessible(page);
  await card.getByRole("button", { name: /^Run the delivery of/ }).click();
  await expect(page.getByRole("alert").filter({ hasText: "A new run starts" })).toBeVisible();
  expect(gateway.triggers.replayed).toEqual([dead.id]);
});

test("shows the triggers of one workflow from the list of workflows", async ({ page, gateway }) => {
  const { workflow } = furnish(gateway);
  const other = { id: "0190-other", name: "nightly-digest" };
  gateway.triggers.addSchedule({ workflow: other, trigger: "nightly" });
  gateway.triggers.addHook({ workflow: other, trigger: "digest" });
  await page.goto("/workflows");
  await page.getByRole("button", { name: "Actions for City brief" }).click();
  await page.getByRole("menuitem", { name: "Triggers" }).click();
  await expect(page).toHaveURL(`/settings/triggers?workflow=${workflow}`);
  await expect(page.getByText("Only those of City brief")).toBeVisible();
  await expect(page.getByRole("region", { name: "city-brief: intake" })).toBeVisible();
  await expect(page.getByText("nightly-digest")).toHaveCount(0);
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page.getByRole("region", { name: "nightly-digest: digest" })).toBeVisible();
});

test("is empty, failed, and closed", async ({ page, gateway, accessible }) => {
  await page.goto("/settings/triggers");
  await expect(page.getByRole("heading", { name: "No schedule" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "No incoming webhook" })).toBeVisible();
  await accessible(page);
  gateway.use(http.get("*/v1/schedules", () => problem(503, "Not available")));
  await page.reload();
  await expect(page.getByRole("heading", { name: "Not available" })).toBeVisible();
  gateway.me = { ...gateway.me, permissions: ["runs:read"] };
  await page.reload();
  await expect(page.getByRole("heading", { name: "Not for your role" })).toBeVisible();
});
