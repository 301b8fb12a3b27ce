/** Building with real data: expressions are completed and previewed, steps pinned and run alone (flows 10, 11). */
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("completes an expression and shows what it becomes", async ({ page, gateway, accessible }) => {
  const { workflow } = furnish(gateway);
  await page.goto(`/workflows/${workflow}`);
  await page.locator('[id="steps.brief"]').click();
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  await prompt.fill("Write from ${st");
  await prompt.press("End");
  const offered = page.getByRole("listbox", { name: "What fits here" });
  await expect(offered.getByRole("option", { name: /steps/ })).toBeVisible();
  await accessible(page);
  await prompt.press("Enter");
  await prompt.pressSequentially(".fa");
  await prompt.press("Tab");
  await prompt.pressSequentially(".output[0]}");
  await expect(prompt).toHaveValue("Write from ${steps.facts.output[0]}");
  await expect(page.getByText("Write from One in nine passengers rides at night.")).toBeVisible();
  await prompt.fill("${steps.facts.output[9]}");
  await expect(page.getByText("No value with the last run")).toBeVisible();
});

test("pins an output, runs one step with it, and goes on from a step", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow, run } = furnish(gateway);
  await page.goto(`/workflows/${workflow}`);
  await page.locator('[id="steps.facts"]').click();
  await page.getByRole("tab", { name: "Output" }).click();
  const output = page.getByRole("textbox", { name: "Output of the last run" });
  await expect(output).toHaveValue(/One in nine/);
  await output.fill('["Pinned fact"]');
  await page.getByRole("button", { name: "Pin", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Pinned output" })).toHaveValue(/Pinned fact/);
  await accessible(page);
  await page.locator('[id="steps.brief"]').click();
  await page.getByRole("button", { name: "Run this step" }).click();
  await expect(page).toHaveURL(/\/runs\/0190-started-1\?step=steps\.brief/);
  const latest = { run_id: run, step: "brief" };
  expect(gateway.runs.started[0]).toMatchObject({ until_step: "brief", version: "draft" });
  expect(gateway.runs.started[0]?.from?.step).toBe(latest.step);
  expect(gateway.runs.started[0]?.pins).toEqual({ facts: ["Pinned fact"] });
  // The address changes a moment before the page does.
  const publish = page.getByRole("button", { name: "Publish", exact: true });
  await expect(publish).toBeHidden();
  await page.goBack();
  await expect(publish).toBeVisible();
  await page.locator('[id="steps.check"]').click();
  await page.getByRole("tab", { name: "Output" }).click();
  await page.getByRole("button", { name: "Run from here" }).click();
  await expect(page).toHaveURL(/\/runs\/0190-started-2/);
  expect(gateway.runs.started[1]).toMatchObject({ from: { step: "check" }, until_step: null });
});
