/** No edit is lost: two people, a network that is away, a tab that is closed, two tabs (flows 22, 23). */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { furnish, THREE_STEPS } from "../gateway/world";

async function openStep(page: Page, workflow: string, step: string): Promise<void> {
  await page.goto(`/workflows/${workflow}`);
  await page.locator(`[id="steps.${step}"]`).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
}

async function write(page: Page, text: string): Promise<void> {
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  await prompt.fill(text);
  await prompt.blur();
}

/** What somebody else saves meanwhile. */
function savedElsewhere(gateway: E2eGateway, workflow: string, source: string): void {
  const known = gateway.workflows.get(workflow);
  if (!known) throw new Error(`there is no ${workflow}`);
  gateway.workflows.set(workflow, { ...known, source, etag: `"other-${source.length}"` });
}

const sourceOf = (gateway: E2eGateway, workflow: string) =>
  expect.poll(() => gateway.workflows.get(workflow)?.source);

test("brings together what two people changed, and asks where both changed the same @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  await openStep(page, workflow, "brief");
  const other = THREE_STEPS.replace(
    'prompt: "Find facts',
    '# twice, to be sure\n    prompt: "Find all facts',
  );
  savedElsewhere(gateway, workflow, other);
  await write(page, "My brief");
  await expect(page.getByText("both changes are in it now")).toBeVisible();
  await sourceOf(gateway, workflow).toContain("My brief");
  await sourceOf(gateway, workflow).toContain("# twice, to be sure");
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();

  savedElsewhere(gateway, workflow, other.replace(/Write a brief[^"]*/, "Their brief"));
  await write(page, "My other brief");
  const dialog = page.getByRole("dialog", { name: "Somebody else has changed this workflow" });
  await expect(dialog).toContainText("steps.brief.prompt");
  await expect(dialog).toContainText("Their brief");
  await expect(dialog).toContainText("My other brief");
  await accessible(page);
  await dialog.getByRole("radio", { name: /Theirs/ }).click();
  await dialog.getByRole("button", { name: "Save as chosen" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("Their brief");
  await sourceOf(gateway, workflow).toContain("Their brief");
});

test("keeps changes while the network is away, and saves them when it is back", async ({
  page,
  gateway,
}) => {
  const { workflow } = furnish(gateway);
  await openStep(page, workflow, "brief");
  gateway.isDown = true;
  await write(page, "Written on a train");
  await page.locator('[id="steps.check"]').click();
  await write(page, "Judged on a train");
  await expect(page.getByText("Offline: 2 changes kept here")).toBeVisible();
  gateway.isDown = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await sourceOf(gateway, workflow).toContain("Written on a train");
  await sourceOf(gateway, workflow).toContain("Judged on a train");
});

test("offers what a closed tab left behind: go on, discard, or a copy", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const context = page.context();
  const leave = async (text: string) => {
    const tab = await context.newPage();
    await openStep(tab, workflow, "brief");
    await tab.setExtraHTTPHeaders({ "x-tab": "closing" });
    gateway.cutOff.add("closing");
    await write(tab, text);
    await expect(tab.getByText("Offline: 1 change kept here")).toBeVisible();
    await tab.close();
  };
  const dialog = page.getByRole("dialog", { name: "There are changes that were not saved" });

  await leave("Left behind");
  await page.goto(`/workflows/${workflow}`);
  await expect(dialog).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Continue with them" }).click();
  await sourceOf(gateway, workflow).toContain("Left behind");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await sourceOf(gateway, workflow).toBe(THREE_STEPS);
  await page.goto("/workflows");

  await leave("Left again");
  await page.goto(`/workflows/${workflow}`);
  await dialog.getByRole("button", { name: "Save as a copy" }).click();
  await expect(page).not.toHaveURL(new RegExp(`${workflow}$`));
  await page.goto(`/workflows/${workflow}`);
  await expect(page.locator('[id="steps.brief"]')).toBeVisible();
  await expect(dialog).toBeHidden();
  await page.goto("/workflows");

  await leave("Left once more");
  await page.goto(`/workflows/${workflow}`);
  await dialog.getByRole("button", { name: "Discard them" }).click();
  await expect(dialog).toBeHidden();
  await page.reload();
  await expect(page.locator('[id="steps.brief"]')).toBeVisible();
  await expect(dialog).toBeHidden();
  await sourceOf(gateway, workflow).toBe(THREE_STEPS);
});

test("follows the tab in which a workflow is edited, and takes it over with what is not saved", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  await openStep(page, workflow, "brief");
  const second = await page.context().newPage();
  await second.goto(`/workflows/${workflow}`);
  await expect(second.getByText("is being edited in another tab")).toBeVisible();
  await expect(second.locator('[id="steps.brief"]')).toContainText("Write a brief");
  await accessible(second);
  await write(page, "Seen over there");
  await expect(second.locator('[id="steps.brief"]')).toContainText("Seen over there");
  await sourceOf(gateway, workflow).toContain("Seen over there");

  gateway.isDown = true;
  await write(page, "Not saved yet");
  await expect(page.getByText("Offline: 1 change kept here")).toBeVisible();
  gateway.isDown = false;
  await second.getByRole("button", { name: "Edit here" }).click();
  // What is clicked before that is only being followed.
  await expect(second.getByText("is being edited in another tab")).toBeHidden();
  await second.locator('[id="steps.brief"]').click();
  await expect(second.getByRole("textbox", { name: "Prompt" })).toHaveValue("Not saved yet");
  await expect(page.getByText("is being edited in another tab")).toBeVisible();
  await sourceOf(gateway, workflow).toContain("Not saved yet");
  await second.close();
  await expect(page.getByText("is being edited in another tab")).toBeHidden();
  await page.locator('[id="steps.brief"]').click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("Not saved yet");
});
