/** A run as people hold it: pausing, going on, ending it in two ways, and running it again in four. */
import { expect, test } from "../fixtures";
import { failedRun, furnish, goodRun, THREE_STEPS } from "../gateway/world";

const ID = "0190-held";
const BEGINNING = goodRun(ID).events.slice(0, 8);

test("pauses a run and lets it go on, by keyboard @fast", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  gateway.runs.add(ID, THREE_STEPS, BEGINNING);
  await page.goto(`/runs/${ID}`);
  await page.getByRole("button", { name: "Pause", exact: true }).press("Enter");
  const head = page.locator("main header").first();
  await expect(head.getByText("Paused")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Go on" }).press("Enter");
  await expect(head.getByText("Running")).toBeVisible();
  expect(gateway.runs.commands).toEqual([`pause ${ID}`, `resume ${ID}`]);
});

test("ends a run at once when a cancel does not end it within ten seconds", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  gateway.runs.add(ID, THREE_STEPS, BEGINNING);
  await page.clock.install();
  await page.goto(`/runs/${ID}`);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator("main header").first().getByText("Cancelling")).toBeVisible();
  await expect(page.getByRole("button", { name: "Cancel" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "End at once" })).toHaveCount(0);
  await page.clock.fastForward(10_000);
  await page.getByRole("button", { name: "End at once" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("not yet taken back stays");
  await accessible(page);
  await dialog.getByRole("button", { name: "End at once" }).click();
  await expect(page.locator("main header").first().getByText("Cancelled")).toBeVisible();
  expect(gateway.runs.commands).toEqual([`cancel ${ID}`, `kill ${ID}`]);
});

test("says why a run did not take a command", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.runs.add(ID, THREE_STEPS, BEGINNING);
  await page.goto(`/runs/${ID}`);
  await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeVisible();
  // The page has heard all there was, and nothing of what comes.
  await expect.poll(() => gateway.streams.asked).toHaveLength(1);
  gateway.streams.deliver = () => [];
  gateway.runs.tell(ID, "run.cancelling.v1", "cancelling");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "did not take it" })).toBeVisible();
});

test("offers a viewer no command, and says so", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.me = { ...gateway.me, permissions: ["runs:read", "workflows:read"] };
  gateway.runs.add(ID, THREE_STEPS, BEGINNING);
  await page.goto(`/runs/${ID}`);
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  await expect(pause).toHaveAttribute("aria-disabled", "true");
  await pause.press("Enter");
  await expect(page.getByRole("tooltip")).toHaveText("Your role does not allow this.");
  expect(gateway.runs.commands).toEqual([]);
});

test("runs again: from the beginning, with the latest version, only what failed", async ({
  page,
  gateway,
}) => {
  furnish(gateway);
  gateway.runs.onStart = ({ id }) => gateway.streams.append(`run:${id}`, ...goodRun(id).events);
  gateway.runs.add(ID, THREE_STEPS, failedRun(ID).events, { inputs: { topic: "trams" } });
  const choose = async (name: string | RegExp) => {
    await page.goto(`/runs/${ID}`);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  await choose(/^From the beginning/);
  await expect(page).toHaveURL(/0190-started-1/);
  await choose(/the latest$/);
  await expect(page).toHaveURL(/0190-started-2/);
  await choose("Only what failed");
  await expect.poll(() => gateway.runs.commands).toEqual([`retry ${ID}`]);
  expect(gateway.runs.started).toMatchObject([
    { version: "draft", inputs: { topic: "trams" } },
    { version: 2, inputs: { topic: "trams" } },
  ]);
});

test("runs again with other inputs, on a phone too", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  gateway.runs.onStart = ({ id }) => gateway.streams.append(`run:${id}`, ...goodRun(id).events);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/runs/0190-run-2");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "With other inputs …" }).click();
  const dialog = page.getByRole("dialog");
  const inputs = dialog.getByRole("textbox", { name: "Inputs" });
  await inputs.fill("no JSON");
  await expect(dialog.getByRole("button", { name: "Start the new run" })).toBeDisabled();
  await accessible(page);
  await inputs.fill('{"topic": "ferries"}');
  await dialog.getByRole("button", { name: "Start the new run" }).click();
  await expect(page).toHaveURL(/0190-started-1/);
  expect(gateway.runs.started).toMatchObject([{ inputs: { topic: "ferries" } }]);
});
