/** Somebody comes in, starts the first workflow and reads its answer as it is written (flow 1). */
import { expect, talk, test } from "./platform";

test("signs in, starts a workflow and reads the answer as it comes", async ({
  page,
  platform,
  accessible,
}) => {
  await platform.script({
    name: "slow",
    match: "first-run/",
    mode: "stream",
    tokens: 400,
    tokens_per_s: 60,
  });
  const workflow = await platform.save(talk("first-run"));
  await platform.signIn(page, "/workflows");
  await page.getByRole("link", { name: "first-run" }).click();
  await expect(page).toHaveURL(new RegExp(workflow.id));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /Topic/ }).fill("night buses");
  await dialog.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page).toHaveURL(/\/runs\//);
  // The address changes a moment before the page does.
  await expect(page.getByText("Running").first()).toBeVisible();
  await page.locator('[id="steps.talk"]').click();
  const log = page.getByRole("log");
  await expect(log).toContainText(/\S+ \S+ \S+/);
  await expect(page.getByText("Running").first()).toBeVisible();
  await expect(page.locator("main header").first().getByText("Succeeded")).toBeVisible({
    timeout: 120_000,
  });
  const id = page.url().split("/runs/")[1]?.split("?")[0] ?? "";
  const stored = (await platform.steps(id)).items.find((step) => step.path === "talk")?.output;
  await expect(log).toContainText(String(stored).trim().slice(-60));
  await accessible(page);
});
