/** A run fails, says where and why, and is tried again from there (flow 12). */
import { expect, talk, test } from "./platform";

test("shows what failed and tries again", async ({ page, platform, accessible }) => {
  await platform.script({
    name: "broken",
    match: "try-again/",
    fault: { status: 400 },
    fault_times: 1,
  });
  const workflow = await platform.save(talk("try-again"));
  const run = await platform.start(workflow.id, { topic: "night buses" });
  await platform.signIn(page, `/runs/${run.id}`);
  await expect(page.locator("main header").first().getByText("Failed")).toBeVisible({
    timeout: 120_000,
  });
  await expect(page).toHaveURL(/step=steps\.talk/);
  await expect(page.getByRole("alert").first()).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("main header").first().getByText("Succeeded")).toBeVisible({
    timeout: 120_000,
  });
  const stored = await platform.run(run.id);
  const tokens = page
    .locator("main header dl div")
    .filter({ hasText: "Tokens" })
    .locator("dd")
    .first();
  await expect(tokens).toHaveText(String(stored.usage.tokens));
});
