/** The line breaks in the middle of an answer, and the page is loaded again: the text is whole, nothing twice (flow 14, F30). */
import type { Page } from "@playwright/test";
import { expect, type Platform, talk, test } from "./platform";

async function expectWhole(page: Page, platform: Platform, id: string): Promise<void> {
  await expect
    .poll(async () => (await platform.run(id)).status, { timeout: 120_000 })
    .toBe("succeeded");
  const output = (await platform.steps(id)).items.find((step) => step.path === "talk")?.output;
  await expect
    .poll(async () => page.locator("[data-channel=answer] [data-text]").textContent(), {
      timeout: 60_000,
    })
    .toBe(output);
}

test("loses no character while the network is away and the page is loaded again", async ({
  page,
  context,
  platform,
}) => {
  await platform.script({
    name: "slow",
    match: "broken-line/",
    mode: "stream",
    tokens: 400,
    tokens_per_s: 40,
  });
  const run = await platform.start((await platform.save(talk("broken-line"))).id, {
    topic: "night buses",
  });
  await platform.signIn(page, `/runs/${run.id}?step=steps.talk`);
  await expect(page.getByRole("log")).toContainText(/\S+ \S+ \S+/);
  await context.setOffline(true);
  await expect(page.getByRole("status").filter({ hasText: /Reconnecting|Offline/ })).toBeVisible({
    timeout: 60_000,
  });
  await context.setOffline(false);
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible({
    timeout: 120_000,
  });
  await page.reload();
  await expectWhole(page, platform, run.id);
});

test("shows the same text in two tabs", async ({ page, context, platform }) => {
  await platform.script({
    name: "slow",
    match: "two-tabs/",
    mode: "stream",
    tokens: 200,
    tokens_per_s: 40,
  });
  const run = await platform.start((await platform.save(talk("two-tabs"))).id, {
    topic: "night buses",
  });
  await platform.signIn(page, `/runs/${run.id}?step=steps.talk`);
  const other = await context.newPage();
  await other.goto(`${platform.url}/runs/${run.id}?step=steps.talk`);
  await expectWhole(page, platform, run.id);
  await expectWhole(other, platform, run.id);
});
