/** A run asks a person: decided by keyboard, on a phone, and by whoever comes second (flow 20). */
import { expect, talk, test } from "./platform";

const ASK = `  ask:
    needs: [talk]
    approval: {title: "Publish it?", message: "\${steps.talk.output}", allow: [approve, reject]}
`;

test("approves by keyboard, and the run goes on", async ({ page, platform, accessible }) => {
  const workflow = await platform.save(talk("ask-by-keyboard", ASK));
  const run = await platform.start(workflow.id, { topic: "night buses" });
  await platform.signIn(page, `/approvals?run_id=${run.id}`);
  await expect(page.getByRole("heading", { name: "Publish it?" })).toBeVisible({
    timeout: 120_000,
  });
  await accessible(page);
  await expect(page.getByRole("button", { name: /^Approve/ })).toBeEnabled();
  await page.keyboard.press("a");
  await expect(page.getByRole("button", { name: "Approve now" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/approved (now|.* ago)/)).toBeVisible();
  await expect
    .poll(async () => (await platform.run(run.id)).status, { timeout: 120_000 })
    .toBe("succeeded");
});

test("approves and watches on a phone", async ({ page, platform }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const workflow = await platform.save(talk("ask-on-a-phone", ASK));
  const run = await platform.start(workflow.id, { topic: "night buses" });
  await platform.signIn(page, `/approvals?run_id=${run.id}`);
  await page
    .getByRole("link", { name: /Publish it\?/ })
    .or(page.getByRole("button", { name: /Publish it\?/ }))
    .first()
    .click();
  await page.getByRole("button", { name: /^Approve/ }).click();
  await page.getByRole("button", { name: "Approve now" }).click();
  await expect(page.getByText(/approved (now|.* ago)/)).toBeVisible();
  await page.goto(`/runs/${run.id}`);
  await expect(page.getByText("Succeeded").first()).toBeVisible({ timeout: 120_000 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});
