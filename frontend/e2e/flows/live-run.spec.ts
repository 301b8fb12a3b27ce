/** A run as it happens: text, states, bad delivery, a broken line, and looking at it again (flows 12, 14 to 18). */
import type { Page } from "@playwright/test";
import type { RunEvent } from "@/domain/runs/apply-event";
import { expect, test } from "../fixtures";
import type { Delivery } from "../gateway/streams";
import { BRIEF_TEXT, failedRun, furnish, goodRun, THREE_STEPS } from "../gateway/world";

const ID = "0190-live";
const STREAM = `run:${ID}`;
const WHOLE = goodRun(ID).events;
/** Until somewhere in the middle of the second step's answer. */
const MIDDLE = Math.floor(WHOLE.length * 0.6);
const ANSWER = "[data-channel=answer] [data-text]";

async function expectTheEnd(page: Page): Promise<void> {
  await expect(page.locator(ANSWER)).toHaveText(BRIEF_TEXT);
  await expect(page.locator("main header").first().getByText("Succeeded")).toBeVisible();
}

test("follows a run as it happens @fast", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  gateway.runs.add(ID, THREE_STEPS, WHOLE.slice(0, 8));
  await page.goto(`/runs/${ID}?step=steps.brief`);
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
  gateway.streams.append(STREAM, ...WHOLE.slice(8, MIDDLE));
  const said = page.locator(ANSWER);
  await expect(said).not.toHaveText(BRIEF_TEXT);
  await expect(said).toContainText("Night buses");
  gateway.streams.append(STREAM, ...WHOLE.slice(MIDDLE));
  await expectTheEnd(page);
  await expect(page.getByRole("row", { name: /brief/ })).toBeVisible();
  await accessible(page);
});

const BAD: Record<string, Delivery> = {
  "comes twice": (events) => [...events, ...events],
  "comes in another order": (events) => events.toReversed(),
  "is lost in part": (events) => events.filter((_, at) => at % 3 !== 1),
};
for (const [what, deliver] of Object.entries(BAD)) {
  test(`shows the same end when a part ${what}`, async ({ page, gateway }) => {
    furnish(gateway);
    gateway.runs.add(ID, THREE_STEPS, []);
    await page.goto(`/runs/${ID}?step=steps.brief`);
    await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
    gateway.streams.deliver = deliver;
    for (const part of inParts(WHOLE.slice(0, -1), 7)) gateway.streams.append(STREAM, ...part);
    gateway.streams.deliver = (events) => events;
    gateway.streams.append(STREAM, ...WHOLE.slice(-1));
    await expectTheEnd(page);
  });
}

function inParts(events: RunEvent[], size: number): RunEvent[][] {
  const count = Math.ceil(events.length / size);
  return Array.from({ length: count }, (_, at) => events.slice(at * size, (at + 1) * size));
}

test("goes on in mid-word when the line is back", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.runs.add(ID, THREE_STEPS, WHOLE.slice(0, MIDDLE));
  await page.goto(`/runs/${ID}?step=steps.brief`);
  await expect(page.locator(ANSWER)).toContainText("Night buses");
  gateway.streams.cut();
  await expect(page.getByRole("status").filter({ hasText: "Reconnecting" })).toBeVisible();
  gateway.streams.append(STREAM, ...WHOLE.slice(MIDDLE));
  gateway.streams.mend();
  await expectTheEnd(page);
  expect(gateway.streams.asked).toEqual(["0", `1:${MIDDLE}`]);
});

test("plays a run back without carrying anything out", async ({ page, gateway, accessible }) => {
  const { run } = furnish(gateway);
  await page.goto(`/runs/${run}?step=steps.brief`);
  await expect(page.locator(ANSWER)).toHaveText(BRIEF_TEXT);
  const before = gateway.requests.filter((one) => one.startsWith("POST")).length;
  await page.getByRole("button", { name: "Play back" }).click();
  const position = page.getByRole("slider", { name: "Position in the run" });
  await position.focus();
  await page.keyboard.press("End");
  await expect(page.locator(ANSWER)).toHaveText(BRIEF_TEXT);
  for (let press = 0; press < 12; press += 1) await page.keyboard.press("ArrowLeft");
  await expect(page.locator(ANSWER)).not.toHaveText(BRIEF_TEXT);
  await accessible(page);
  await page.getByRole("button", { name: "Back to the end" }).click();
  await expect(page.locator(ANSWER)).toHaveText(BRIEF_TEXT);
  expect(gateway.requests.filter((one) => one.startsWith("POST")).length).toBe(before);
});

test("begins again from a step, knowing what it saves and repeats", async ({
  page,
  gateway,
  accessible,
}) => {
  const { run } = furnish(gateway);
  gateway.runs.report = {
    reused: ["facts"],
    rerun: ["brief", "check"],
    effects: ["check"],
    tokens_saved: 240,
  };
  gateway.runs.onStart = ({ id }) => gateway.streams.append(`run:${id}`, ...goodRun(id).events);
  await page.goto(`/runs/${run}?step=steps.brief`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Begin again from a step" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("240 tokens saved")).toBeVisible();
  await expect(dialog.getByText("1 effect outside happens again")).toBeVisible();
  await accessible(page);
  await dialog.getByRole("textbox", { name: "Prompt" }).fill("Write it shorter.");
  await dialog.getByRole("button", { name: "Start the new run" }).click();
  await expect(page).toHaveURL(/\/runs\/0190-fork-1/);
  await expect(page.getByRole("link", { name: "begun again at brief" })).toBeVisible();
  expect(gateway.runs.forks).toMatchObject([
    { run_id: run, from_step: "brief", overrides: { brief: { prompt: "Write it shorter." } } },
  ]);
});

test("shows a step of a run when its card is clicked @fast", async ({ page, gateway }) => {
  const { run } = furnish(gateway);
  await page.goto(`/runs/${run}`);
  await expect(page.getByText("Succeeded").first()).toBeVisible();
  await page.locator('[id="steps.brief"]').click();
  await expect(page).toHaveURL(/step=steps\.brief/);
  await expect(page.getByRole("log")).toBeVisible();
});

test("compares two runs and shows where they part", async ({ page, gateway, accessible }) => {
  const { run, failed } = furnish(gateway);
  await page.goto(`/runs/${run}/compare/${failed}`);
  await expect(page.getByRole("button", { name: /facts/ })).toContainText("differs first here");
  await expect(page.getByRole("region", { name: "New run" }).locator("ins").first()).toBeVisible();
  await page.getByRole("button", { name: /brief/ }).click();
  await expect(page.getByRole("region", { name: "Old run" })).toContainText("overloaded");
  await accessible(page);
});

test("tries a failed run again", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.runs.add(ID, THREE_STEPS, failedRun(ID).events);
  await page.goto(`/runs/${ID}`);
  await expect(page).toHaveURL(/step=steps\.brief/);
  await expect(page.getByRole("alert").first()).toContainText("503");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => gateway.runs.commands).toEqual([`retry ${ID}`]);
});

test("shows the beginning of a large output, and the whole when asked", async ({
  page,
  gateway,
}) => {
  furnish(gateway);
  const large = "A line of a large output.\n".repeat(400_000);
  gateway.runs.values.set("value-1", large);
  const script = goodRun(ID);
  const ending = script.events.find(
    (event) => event.type === "step.finished.v1" && event.step === "brief",
  );
  Object.assign(ending?.data ?? {}, {
    output_preview: large.slice(0, 2_000),
    output_ref: "value-1",
  });
  gateway.runs.add(ID, THREE_STEPS, script.events);
  await page.goto(`/runs/${ID}?step=steps.brief`);
  await page.getByRole("tab", { name: "Output" }).click();
  await expect(page.getByText("This is the beginning of a large value.")).toBeVisible();
  expect(gateway.requests.some((one) => one.includes("/values/"))).toBe(false);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("brief.txt");
  await expect(page.getByText("This is the whole value.")).toBeVisible();
  await expect(page.getByText(/more characters; copy to see all/)).toBeVisible();
});

test("keeps a run as a test", async ({ page, gateway, accessible }) => {
  const { run } = furnish(gateway);
  await page.goto(`/runs/${run}`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Save as test" }).click();
  await expect(page.getByRole("dialog")).toContainText("city-brief.tests.yaml");
  await accessible(page);
});
