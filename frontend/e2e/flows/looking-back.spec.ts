/** What was: when steps were at work, and the versions of a workflow (flows 16, 21). */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { RunScript } from "../gateway/run-script";
import { furnish, goodRun, THREE_STEPS } from "../gateway/world";

const ID = "0190-timed";

/** Two steps with two minutes of nothing between them, and one that has not ended yet. */
function slowRun(start: number) {
  return new RunScript(ID, start)
    .run("run.started.v1", "running")
    .starts("facts", { agent: "research" })
    .wait(4_000)
    .calls("facts", "default", { duration_ms: 1_000 })
    .ends("facts", ["a fact"])
    .wait(120_000)
    .starts("brief", { agent: "analysis" })
    .wait(6_000)
    .ends("brief", "A brief.")
    .starts("check", { agent: "qa" });
}

interface Drawn {
  /** Shares of the whole width. */
  from: number;
  length: number;
}

function barsOf(table: Locator): Promise<Record<string, Drawn>> {
  return table.evaluate((found) => {
    const rows = [...found.querySelectorAll("tbody tr")];
    return Object.fromEntries(
      rows.map((row) => {
        const [lane, bar] = [row.querySelector("td:last-child"), row.querySelector("td > span")];
        if (!lane || !bar) throw new Error("a row without a bar");
        const [all, one] = [lane.getBoundingClientRect(), bar.getBoundingClientRect()];
        return [
          row.querySelector("th")?.textContent ?? "",
          { from: (one.left - all.left) / all.width, length: one.width / all.width },
        ];
      }),
    );
  });
}

const timeline = (page: Page) =>
  page.getByRole("region", { name: "Timeline" }).getByRole("table").first();

test("draws in the timeline what its table says: closer, without idle time, by keys (flow 16)", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  const script = slowRun(Date.UTC(2026, 2, 8, 9))
    .wait(10_000)
    .ends("check", { score: 1 });
  gateway.runs.add(ID, THREE_STEPS, script.finishes({}).events);
  await page.goto(`/runs/${ID}`);
  const table = timeline(page);
  const rows: Record<string, [string, string]> = {
    facts: ["0 s", "4 s"],
    brief: ["2 min 4 s", "6 s"],
    check: ["2 min 10 s", "10 s"],
  };
  const expectTable = async () => {
    for (const [name, [begins, elapsed]] of Object.entries(rows)) {
      const cells = table.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("cell");
      await expect(cells.nth(0)).toHaveText(begins);
      await expect(cells.nth(1)).toHaveText(elapsed);
    }
  };
  const places = (bars: Record<string, Drawn>, whole: number) =>
    Object.entries(bars).map(([name, { from, length }]) => [
      name,
      Math.round(from * whole),
      Math.round(length * whole),
    ]);
  await expectTable();
  const said = [
    ["facts", 0, 4],
    ["brief", 124, 6],
    ["check", 130, 10],
  ];
  await expect.poll(async () => places(await barsOf(table), 140)).toEqual(said);

  const width = (await table.boundingBox())?.width ?? 0;
  const below = page.getByRole("region", { name: "Timeline" }).first();
  await below.getByRole("button", { name: "Zoom in" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await table.boundingBox())?.width).toBeGreaterThan(width * 3);
  await expect.poll(async () => places(await barsOf(table), 140)).toEqual(said);
  const scrolled = page.getByRole("region", { name: "Timeline" }).last();
  await scrolled.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => scrolled.evaluate((one) => one.scrollLeft)).toBeGreaterThan(0);

  await page.getByRole("checkbox", { name: "Hide idle time (2 min 0 s)" }).focus();
  await page.keyboard.press("Space");
  // 20 s of work, and a gap of a fiftieth of it.
  const short = [
    ["facts", 0, 4_000],
    ["brief", 4_400, 6_000],
    ["check", 10_400, 10_000],
  ];
  await expect
    .poll(async () => places(await barsOf(table), 20_400).map(nearly))
    .toEqual(short.map(nearly));
  await expectTable();

  await table.getByRole("button", { name: "brief" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/step=steps\.brief/);
  await expect(table.getByRole("button", { name: "brief" })).toHaveAttribute(
    "aria-current",
    "true",
  );
  await accessible(page);
});

/** A pixel is some milliseconds. */
function nearly(row: (string | number)[]) {
  return row.map((value) => (typeof value === "number" ? Math.round(value / 100) : value));
}

test("lets the bar of a step that is at work grow (flow 16)", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  const script = slowRun(Date.now() - 131_000);
  gateway.runs.add(ID, THREE_STEPS, [...script.events]);
  await page.goto(`/runs/${ID}`);
  const table = timeline(page);
  const row = table.getByRole("row", { name: /^check/ });
  await expect(row).toContainText("running");
  const length = async () => (await barsOf(table)).check?.length ?? 0;
  const first = await length();
  await expect.poll(length).toBeGreaterThan(first);
  const known = script.events.length;
  script.wait(20_000).ends("check", { score: 1 });
  gateway.streams.append(`run:${ID}`, ...script.finishes({}).events.slice(known));
  await expect(row.getByRole("cell").nth(1)).toHaveText("20 s");
  await expect.poll(async () => Math.round((await length()) * 150)).toBe(20);
  await accessible(page);
});

test("publishes, compares, restores and rolls back, each version exact (flow 21)", async ({
  page,
  gateway,
  accessible,
}) => {
  const { id } = gateway.addWorkflow(THREE_STEPS, { name: "city-brief", title: "City brief" });
  gateway.runs.add("0190-run-1", THREE_STEPS, goodRun("0190-run-1").events);
  await page.goto(`/workflows/${id}`);
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  const write = async (text: string) => {
    await page.locator('[id="steps.brief"]').click();
    await prompt.fill(text);
    await prompt.blur();
  };
  const publish = async (note: string, version: number, shown?: RegExp) => {
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Publish a version" });
    // What was written a moment ago is in the difference.
    if (shown) await expect(dialog.getByRole("region")).toContainText(shown);
    await dialog.getByRole("textbox", { name: /What is new/ }).fill(note);
    await dialog.getByRole("button", { name: "Publish" }).click();
    await expect(dialog).toBeHidden();
    await expect(
      page.getByRole("button", { name: `Version ${version} is published` }),
    ).toBeVisible();
  };
  const draft = () => gateway.workflows.get(id)?.source ?? "";
  const sources = () => gateway.versions.of(id).map(({ source }) => source);

  await publish("The first", 1);
  await write("Write a poem.");
  // What was not saved yet is in the version.
  await publish("A poem instead", 2, /\+.*Write a poem\./);
  const [first, second] = sources();
  expect(first).toBe(THREE_STEPS);
  expect(second).toContain("Write a poem.");
  expect(second).toBe(draft());
  await write("Write a song.");

  await page.getByRole("button", { name: "Version 2 is published" }).click();
  const dialog = page.getByRole("dialog", { name: "Versions" });
  await expect(dialog.getByRole("button", { name: /^Version 2/ })).toContainText("A poem instead");
  const difference = (version: number) =>
    dialog.getByRole("region", { name: `From version ${version} to the draft` });
  await expect(difference(2)).toContainText("Changed steps: brief");
  await expect(difference(2)).toContainText(/-.*Write a poem\./);
  await expect(difference(2)).toContainText(/\+.*Write a song\./);
  await dialog.getByRole("button", { name: /^Version 1/ }).click();
  await expect(difference(1)).toContainText(/-.*Write a brief from/);
  await accessible(page);
  await dialog.getByRole("button", { name: "Restore version 1" }).click();
  await expect(dialog).toBeHidden();
  expect(draft()).toBe(THREE_STEPS);
  await page.locator('[id="steps.brief"]').click();
  await expect(prompt).toHaveValue(/^Write a brief from/);
  // Restoring makes a draft; the versions stay as they were.
  expect(sources()).toEqual([first, second]);

  await publish("Back to the first", 3);
  expect(sources()).toEqual([first, second, first]);
  await page.getByRole("button", { name: "Version 3 is published" }).click();
  await expect(dialog.getByText("The draft is the same as this version.")).toBeVisible();
  await accessible(page);
});
