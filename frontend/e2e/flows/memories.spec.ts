/** What agents have kept: found, read, corrected over what was read, and forgotten. */
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

const USE = { run_id: "0190-run-2", step: "brief", agent: "analysis", workflow_id: null };

test("lists, corrects and forgets what agents remember", async ({ page, gateway, accessible }) => {
  const { run } = furnish(gateway);
  const bus = gateway.memories.add("Night buses carry one in nine passengers.", {
    used: 1,
    uses: [{ ...USE, at: "2026-03-07T10:00:00Z" }],
    origin: { run_id: run, step: "facts", agent: "research", workflow_id: null },
  });
  gateway.memories.add("The harbour closes at six.", {
    collection: "harbour",
    origin: { run_id: run, step: "check", agent: "qa", workflow_id: null },
  });
  await page.goto("/memory");
  await page.getByRole("link", { name: "What agents remember" }).click();
  await expect(page).toHaveURL(/\/memory\/kept$/);
  const list = page.getByRole("list", { name: "What agents remember" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list.getByText("Written by research in facts,")).toBeVisible();
  await expect(list.getByText("Found by 1 step")).toBeVisible();
  await accessible(page);

  await list.getByRole("button", { name: /^Open: Night buses/ }).click();
  const drawer = page.getByRole("dialog", { name: "A memory" });
  const says = drawer.getByRole("textbox", { name: "What it says" });
  await expect(says).toHaveValue(bus.text);
  await expect(drawer.getByRole("link", { name: "brief" })).toHaveAttribute(
    "href",
    "/runs/0190-run-2?step=brief",
  );
  await accessible(page);
  // Somebody else is faster.
  gateway.memories.correct(bus.id, "One in ten.");
  await says.fill("One in eight passengers rides at night.");
  await drawer.getByRole("button", { name: "Save correction" }).click();
  await expect(drawer.getByRole("alert")).toContainText("changed meanwhile");
  expect(gateway.memories.all.get(bus.id)?.text).toBe("One in ten.");
  await page.keyboard.press("Escape");
  await list.getByRole("button", { name: /^Open: One in ten/ }).click();
  await expect(says).toHaveValue("One in ten.");
  await says.fill("One in eight.");
  await drawer.getByRole("button", { name: "Save correction" }).click();
  await expect(drawer.getByText("Saved", { exact: true })).toBeVisible();
  expect(gateway.memories.all.get(bus.id)?.text).toBe("One in eight.");
  await drawer.getByRole("button", { name: "Forget" }).click();
  await page.getByRole("button", { name: "Forget for good" }).click();
  await expect(drawer).toHaveCount(0);
  await expect(list.getByRole("listitem")).toHaveCount(1);

  await expect(page.getByRole("button", { name: "Forget all of these" })).toBeDisabled();
  await page.getByRole("textbox", { name: "Agent" }).fill("qa");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/agent=qa/);
  await page.getByRole("button", { name: "Forget all of these" }).click();
  await page.getByRole("button", { name: "Forget for good" }).click();
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  expect(gateway.memories.all.size).toBe(0);
});

test("shows memories to who may only read them, on a phone too", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.memories.add("A text without a blank ".replaceAll(" ", "-").repeat(20));
  gateway.me = { ...gateway.me, permissions: ["memory:read"] };
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/memory/kept");
  await page.getByRole("button", { name: /^Open:/ }).click();
  const drawer = page.getByRole("dialog", { name: "A memory" });
  await expect(drawer.getByRole("button", { name: "Forget" })).toBeDisabled();
  await expect(drawer.getByRole("textbox", { name: "What it says" })).toHaveAttribute("readonly");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(360);
  await accessible(page);
});
