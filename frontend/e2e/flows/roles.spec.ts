/** What a role may not do is not offered, and never asked of the server (flow 33). */
import type { Page } from "@playwright/test";
import { ME } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { furnish } from "../gateway/world";

const VIEWER = ["workflows:read", "runs:read", "approvals:read", "members:read"];

/** Requests that change something, but for those of the session itself. */
const writes = (gateway: E2eGateway) =>
  gateway.requests.filter((one) => !/^GET |\/v1\/(?:auth|validate)/.test(one));

async function openCanvas(page: Page, workflow: string) {
  await page.goto(`/workflows/${workflow}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await expect(canvas.getByRole("group", { name: /^facts/ })).toBeVisible();
  return canvas;
}

test("lets a viewer look at a workflow step by step, and change nothing", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow, run } = furnish(gateway);
  gateway.me = { ...ME, role: "viewer", permissions: VIEWER };
  const canvas = await openCanvas(page, workflow);
  await expect(page.getByText("Your role may look at this workflow, not change it.")).toBeVisible();
  for (const name of ["Publish", "Run", "Undo"])
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
  const card = page.locator('[id="steps.brief"]');
  const before = await card.boundingBox();
  if (!before) throw new Error("nothing is drawn");
  await card.click();
  const step = page.getByRole("complementary", { name: "Selected step" });
  await expect(step).toContainText("Write a brief from ${steps.facts.output}.");
  await accessible(page);
  await canvas.focus();
  for (const key of ["n", "Delete", "m", "Control+d", "Control+v", "Control+z"])
    await page.keyboard.press(key);
  await page.mouse.move(before.x + 40, before.y + 20);
  await page.mouse.down();
  await page.mouse.move(before.x + 40, before.y + 160, { steps: 5 });
  await page.mouse.up();
  await expect(canvas.getByRole("group")).toHaveCount(3);
  expect(gateway.workflows.get(workflow)?.etag).toBe('"1"');

  await page.goto(`/runs/${run}`);
  await expect(page.getByRole("application", { name: "Workflow canvas" })).toBeVisible();
  await page.goto("/workflows");
  await expect(page.getByText("City brief")).toBeVisible();
  await expect(page.getByRole("button", { name: "New workflow" })).toBeDisabled();
  await page.goto("/approvals");
  await expect(page.getByText("Your role may read this, not decide it.").first()).toBeVisible();
  expect(writes(gateway)).toEqual([]);
});

test("lets an operator run what they may not change", async ({ page, gateway, accessible }) => {
  const { workflow } = furnish(gateway);
  gateway.me = { ...ME, role: "operator", permissions: [...VIEWER, "runs:start", "runs:cancel"] };
  await openCanvas(page, workflow);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run this draft" });
  await dialog.getByRole("textbox", { name: "Topic" }).fill("night buses");
  await accessible(page);
  await dialog.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page).toHaveURL(/\/runs\/0190-started-1/);
  expect(writes(gateway)).toEqual([`POST /v1/workflows/${workflow}/runs`]);
});

test("gives an editor the whole builder", async ({ page, gateway }) => {
  const { workflow } = furnish(gateway);
  const may = [...VIEWER, "workflows:write", "workflows:publish", "runs:start"];
  gateway.me = { ...ME, role: "editor", permissions: may };
  const canvas = await openCanvas(page, workflow);
  await canvas.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Delete");
  await expect.poll(() => gateway.workflows.get(workflow)?.source).not.toContain("facts:");
});
