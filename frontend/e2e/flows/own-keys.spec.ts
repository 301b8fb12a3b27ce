/** Keys as a person has chosen them, wherever they are heard (flow 28). */
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("obeys the keys that a person has chosen, and tells of conflicts (flow 28)", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  await page.goto("/settings/shortcuts");
  const dialog = page.getByRole("dialog");
  const changeKeys = async (name: string, keys: string) => {
    await page.getByRole("button", { name: `Change the keys of ${name}`, exact: true }).click();
    await expect(dialog.getByRole("textbox", { name: "New keys" })).toBeFocused();
    await page.keyboard.press(keys);
  };
  await changeKeys("Publish a version", "Alt+o");
  await expect(dialog.getByRole("alert")).toContainText("Show or hide the outline");
  await accessible(page);
  await page.keyboard.press("Control+w");
  await expect(dialog.getByText("The browser or the page needs these keys itself.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Keep" })).toBeDisabled();
  await page.keyboard.press("Alt+o");
  await dialog.getByRole("button", { name: "Take them over" }).click();
  await expect(dialog).toBeHidden();
  await changeKeys("Connect or disconnect", "x");
  await dialog.getByRole("button", { name: "Keep" }).click();
  await changeKeys("Next item", "n");
  await dialog.getByRole("button", { name: "Keep" }).click();
  await expect(page.getByRole("row", { name: /Show or hide the outline/ })).toContainText("None");
  const chosen = { publish: "Alt+O", outline: "", connect: "X", inbox_next: "N" };
  await expect.poll(() => gateway.wishes.kept.shortcuts).toEqual(chosen);
  await accessible(page);

  await page.goto(`/workflows/${workflow}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await canvas.getByRole("group", { name: /^facts/ }).click();
  await canvas.focus();
  await page.keyboard.press("c");
  await expect(dialog).toHaveCount(0);
  await page.keyboard.press("x");
  await expect(dialog).toContainText(/Connect/);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.keyboard.press("Alt+o");
  await expect(dialog).toContainText(/Publish/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(dialog.locator("dl > div", { hasText: "Publish a version" })).toContainText("O");
  await page.keyboard.press("Escape");

  await page.goto("/approvals");
  await expect(page.getByText("N next, K previous")).toBeVisible();
  const current = page.locator('[aria-current="true"]').first();
  const first = await current.textContent();
  await page.keyboard.press("j");
  await expect(current).toHaveText(first ?? "");
  await page.keyboard.press("n");
  await expect(current).not.toHaveText(first ?? "");

  await page.goto("/settings/shortcuts");
  await page.getByRole("textbox", { name: "Find a command or keys" }).fill("outline");
  await page.getByRole("button", { name: "Reset the keys of Show or hide the outline" }).click();
  // Both hear Alt+O now, and the page says so.
  await expect(page.getByRole("row", { name: /outline/ })).toContainText("Also: Publish a version");
  await page.getByRole("button", { name: "Reset 3 changes" }).click();
  await expect.poll(() => gateway.wishes.kept.shortcuts).toEqual({});
});
