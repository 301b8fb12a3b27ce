/** The application as somebody likes and needs it: themes, language, a key, motion, sizes, commands (flows 28, 29, 30). */
import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { HttpResponse, http } from "msw";
import type { ApiKey, CreateApiKey } from "@/api/generated";
import { expect, test } from "../fixtures";
import { furnish, goodRun, THREE_STEPS } from "../gateway/world";
import { drawn } from "../pages";

const SOURCES = new URL("../../src/", import.meta.url);
/** The names of all words that stand in groups: `nav.profile`. */
const NAMES = new Set(
  readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("locales/en.json"))
    .flatMap((file) => namesIn(JSON.parse(readFileSync(new URL(file, SOURCES), "utf8"))))
    .filter((name) => name.includes(".")),
);

function namesIn(words: object, before = ""): string[] {
  return Object.entries(words).flatMap(([name, word]) =>
    typeof word === "object" ? namesIn(word, `${before}${name}.`) : [`${before}${name}`],
  );
}

/** What a page says where it has no words: their names. */
function rawKeys(text: string): string[] {
  return [...text.matchAll(/[a-z_]+(?:\.[a-z_-]+)+/g)]
    .map(([found]) => found)
    .filter((found) => NAMES.has(found));
}

const choose = (page: Page, group: string, choice: string) =>
  page.getByRole("radiogroup", { name: group }).getByText(choice, { exact: true }).click();

test("has four themes and two languages, without a word that is missing (flow 28)", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  await page.goto("/settings/appearance");
  const looks = new Set<string>();
  for (const scheme of ["Light", "Dark"]) {
    for (const contrast of ["Normal", "High"]) {
      await choose(page, "Theme", scheme);
      await choose(page, "Contrast", contrast);
      await expect(page.locator("html")).toHaveAttribute("data-theme", new RegExp(scheme, "i"));
      looks.add((await page.locator("html").getAttribute("data-theme")) ?? "");
      await accessible(page, "color-contrast");
    }
  }
  expect(looks.size).toBe(4);
  const accent = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent"));
  const [own, colours] = [await accent(), new Set<string>()];
  for (const name of ["Blue", "Teal", "Green", "Rose", "Amber"]) {
    await choose(page, "Accent", name);
    await expect.poll(accent).not.toBe([...colours].at(-1) ?? own);
    colours.add(await accent());
    await accessible(page, "color-contrast");
  }
  expect(colours.size).toBe(5);
  await choose(page, "Accent", "Indigo");
  await expect.poll(accent).toBe(own);
  await choose(page, "Language", "Deutsch");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Darstellung");
  const places = page.getByRole("navigation", { name: "Einstellungen" }).getByRole("link");
  for (let at = 0; at < (await places.count()); at += 1) {
    await places.nth(at).click();
    await drawn(page);
    expect(rawKeys((await page.locator("#root").textContent()) ?? "")).toEqual([]);
  }
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await accessible(page);
});

test("looks and speaks the same in another browser of the same person (flow 28)", async ({
  page,
  gateway,
  browser,
  baseURL,
  accessible,
}) => {
  furnish(gateway);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.goto("/settings/appearance");
  await expect(page.locator("html")).toHaveAttribute("data-motion", "full");
  await choose(page, "Theme", "Dark");
  await choose(page, "Accent", "Teal");
  await choose(page, "Motion", "Reduced");
  await expect(page.locator("html")).toHaveAttribute("data-motion", "reduced");
  await choose(page, "Density", "Compact");
  await choose(page, "Language", "Deutsch");
  await expect
    .poll(() => gateway.wishes.kept)
    .toMatchObject({ theme: "dark", accent: "teal", motion: "reduced", density: "compact" });
  await expect.poll(() => gateway.wishes.kept.language).toBe("de");
  // What this browser holds is there before the first stroke, whatever the server says later.
  gateway.wishes.isDown = true;
  await page.reload({ waitUntil: "commit" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Darstellung");
  await accessible(page);
  gateway.wishes.isDown = false;

  const other = await (await browser.newContext({ ...(baseURL ? { baseURL } : {}) })).newPage();
  await other.goto("/");
  const html = other.locator("html");
  await expect(html).toHaveAttribute("data-theme", "dark");
  await expect(html).toHaveAttribute("data-density", "compact");
  await expect(html).toHaveAttribute("data-motion", "reduced");
  await expect(html).toHaveAttribute("lang", "de");
  expect(await html.evaluate((one) => one.style.getPropertyValue("--accent"))).toBe(
    await page.locator("html").evaluate((one) => one.style.getPropertyValue("--accent")),
  );
  await other.context().close();
});

test("shows a new API key once (flow 28)", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  let keys: ApiKey[] = [];
  gateway.use(
    http.get("*/v1/api-keys", () => HttpResponse.json({ items: keys, next_cursor: null })),
    http.post("*/v1/api-keys", async ({ request }) => {
      const { name, scopes, expires_at = null } = (await request.json()) as CreateApiKey;
      const more = { created_at: new Date().toISOString(), last_used_at: null };
      keys = [{ id: "0190-key", name, prefix: "flk_live_a1", scopes, expires_at, ...more }];
      return HttpResponse.json({ id: "0190-key", key: "flk_live_a1_secret" }, { status: 201 });
    }),
  );
  await page.goto("/settings/api-keys");
  await page.getByRole("button", { name: "New key" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Nightly report");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByRole("textbox", { name: "API key" })).toHaveText("flk_live_a1_secret");
  await accessible(page);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByRole("row", { name: /Nightly report/ })).toBeVisible();
  const kept = () =>
    page.evaluate(() => `${document.body.textContent}${JSON.stringify({ ...localStorage })}`);
  expect(await kept()).not.toContain("secret");
  await page.reload();
  await expect(page.getByRole("row", { name: /Nightly report/ })).toBeVisible();
  expect(await kept()).not.toContain("secret");
  await accessible(page);
});

test("stands still and keeps its states in colours of the system (flow 29)", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const id = "0190-live";
  gateway.runs.add(id, THREE_STEPS, goodRun(id).events.slice(0, 12));
  await page.emulateMedia({ reducedMotion: "reduce", forcedColors: "active" });
  await page.goto(`/runs/${id}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  const facts = canvas.getByRole("group", { name: /^facts/ });
  await expect(facts).toContainText("Running");
  // A state is a word and a sign too, and a card has an edge without its shadow.
  await expect(facts.locator("svg").first()).toBeVisible();
  expect(await facts.evaluate((card) => getComputedStyle(card).borderTopStyle)).toBe("solid");
  const moving = () =>
    document
      .getAnimations()
      .filter((one) => one.playState === "running" && one.effect?.getComputedTiming().duration)
      .filter((one) => Number(one.effect?.getComputedTiming().duration) > 10).length;
  expect(await page.evaluate(moving)).toBe(0);
  await page.goto(`/workflows/${workflow}`);
  await expect(canvas.getByRole("group", { name: /^facts/ })).toBeVisible();
  expect(await page.evaluate(moving)).toBe(0);
  await canvas.getByRole("group", { name: /^facts/ }).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
  await accessible(page);
});

test("offers in the palette and on the sheet of keys what the builder can do (flow 30)", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  await page.goto(`/workflows/${workflow}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await expect(canvas.getByRole("group", { name: /^facts/ })).toBeVisible();
  const palette = page.getByRole("dialog", { name: "All commands" });
  const options = palette.getByRole("option");
  const openPalette = async (typed: string) => {
    await page.keyboard.press("Control+k");
    await palette.getByRole("combobox").fill(typed);
  };
  await openPalette(">");
  const found = await options.evaluateAll((rows) =>
    rows.map((row) => {
      const [label, ...rest] = row.children;
      const keys = [...row.querySelectorAll("kbd")].map((key) => key.textContent).join("+");
      return {
        label: label?.textContent ?? "",
        keys,
        isOff: row.ariaDisabled === "true",
        rest: rest.length,
      };
    }),
  );
  expect(found.length).toBeGreaterThan(30);
  // One thing may have two keys.
  const rows = found.map(({ label, keys }) => `${label} ${keys}`);
  expect(rows.filter((row, at) => rows.indexOf(row) !== at)).toEqual([]);
  // What cannot be done says why.
  for (const one of found) if (one.isOff) expect(one.rest, one.label).toBeGreaterThan(0);
  await accessible(page);
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys of this page" });
  await expect(sheet.getByText("Keys of this page").first()).toBeVisible();
  await expect(sheet.locator("dl > div").first()).toBeVisible();
  const shown = await sheet.locator("dl > div").evaluateAll((rows) =>
    rows.map((row) => ({
      label: row.querySelector("dt")?.textContent ?? "",
      keys: [...row.querySelectorAll("kbd")].map((key) => key.textContent).join("+"),
    })),
  );
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  const withKeys = found.filter(({ keys }) => keys).map(({ label, keys }) => ({ label, keys }));
  const byLabel = (one: { label: string }, other: { label: string }) =>
    one.label.localeCompare(other.label);
  // The palette does not offer itself.
  expect(shown.filter(({ label }) => label !== "All commands").toSorted(byLabel)).toEqual(
    withKeys.toSorted(byLabel),
  );

  // What is found by typing is done by Enter.
  await openPalette(">outline");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Outline" })).toBeVisible();
  await accessible(page);
});
