/** A workflow is evaluated: a dataset is written, an evaluation started and followed, its report kept. */
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("writes a dataset, evaluates a workflow over it, and keeps the report", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  await page.goto("/workflows");
  await page.getByRole("button", { name: "Actions for City brief" }).click();
  await page.getByRole("menuitem", { name: "Evaluate" }).click();
  await expect(page).toHaveURL(new RegExp(`/evaluations\\?workflow=${workflow}$`));
  await expect(page.getByRole("combobox", { name: "Workflow" })).toHaveValue("City brief");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "New dataset" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Trams");
  await page
    .getByRole("textbox", { name: "Cases" })
    .fill("cases:\n  - {name: night, inputs: {topic: Night trams}, golden: N3}\n");
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "New evaluation" }).click();
  await page.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByRole("option", { name: "Trams · 1 case" }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByRole("heading", { name: "Evaluation over Trams" })).toBeVisible();
  await expect(page.getByText("0 of 1 run")).toBeVisible();
  await accessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save report" }).click();
  expect((await download).suggestedFilename()).toMatch(/^evaluation-0190-.*\.html$/);
  expect(gateway.evaluations.started).toHaveLength(1);
});

test("compares two versions, and leads to the runs of a case", async ({ page, gateway }) => {
  furnish(gateway);
  await page.goto("/evaluations");
  await page
    .getByRole("row", { name: /Version 2 against Version 1/ })
    .getByRole("link")
    .click();
  const checks = page.getByRole("row", { name: /^Checks/ });
  await expect(checks).toContainText("+25 pp · better");
  await page.getByText("Worse than before (1)").click();
  const cases = page.getByRole("list", { name: "Cases" }).locator("> li");
  await expect(cases).toHaveCount(1);
  await expect(cases.getByRole("link", { name: "Version 2" })).toHaveAttribute(
    "href",
    "/runs/0190-run-0-tram",
  );
});
