/** No network for five minutes, and a page that is loaded again without one: nothing is lost, and it is said (flow 23). */
import type { Page } from "@playwright/test";
import { http } from "msw";
import { problem } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { BRIEF_TEXT, furnish, goodRun, THREE_STEPS } from "../gateway/world";

const MINUTE = 60_000;
const RUN = "0190-live";
const WHOLE = goodRun(RUN).events;
/** Until somewhere in the middle of the second step's answer. */
const MIDDLE = Math.floor(WHOLE.length * 0.6);
const ANSWER = "[data-channel=answer] [data-text]";

async function openStep(page: Page, workflow: string, step: string): Promise<void> {
  await page.goto(`/workflows/${workflow}`);
  await choose(page, step);
}

async function choose(page: Page, step: string): Promise<void> {
  await page.locator(`[id="steps.${step}"]`).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
}

async function write(page: Page, step: string, text: string): Promise<void> {
  await choose(page, step);
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  await prompt.fill(text);
  await prompt.blur();
}

/** What the browser keeps of the page's drafts, as text. */
function kept(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open("flowloom");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction("journal").objectStore("journal").getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            opening.result.close();
            resolve(JSON.stringify(all.result));
          };
        };
      }),
  );
}

/** Every try to save that reaches the server: over what, and what. */
function savesOf(gateway: E2eGateway): { match: string | null; source: string }[] {
  const saves: { match: string | null; source: string }[] = [];
  gateway.use(
    http.put("*/v1/workflows/:id", async ({ request }) => {
      const { source } = (await request.clone().json()) as { source: string };
      saves.push({ match: request.headers.get("if-match"), source });
      return undefined;
    }),
  );
  return saves;
}

const noNetwork = (page: Page) => page.locator("p", { hasText: "No connection. It goes on" });
const statusOf = (page: Page, text: string | RegExp) =>
  page.getByRole("status").filter({ hasText: text });

test("keeps what is written in five minutes without a network, saves it after, and misses no word of a run", async ({
  page,
  context,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const saves = savesOf(gateway);
  const before = gateway.workflows.get(workflow)?.etag;
  await context.clock.install();
  gateway.runs.add(RUN, THREE_STEPS, WHOLE.slice(0, MIDDLE));
  const watched = await context.newPage();
  await watched.goto(`/runs/${RUN}?step=steps.brief`);
  await expect(statusOf(watched, "Live")).toBeVisible();
  await expect(watched.locator(ANSWER)).toContainText("Night buses");
  await openStep(page, workflow, "brief");

  await context.setOffline(true);
  gateway.streams.cut();
  await expect(noNetwork(page)).toBeVisible();
  for (let minute = 1; minute <= 5; minute += 1) {
    await write(page, "brief", `Brief of minute ${minute}`);
    await write(page, "check", `Check of minute ${minute}`);
    await context.clock.fastForward(MINUTE);
    await expect(statusOf(page, /Offline: \d+ changes kept here/)).toBeVisible();
    await expect.poll(() => kept(page)).toContain(`Check of minute ${minute}`);
  }
  await expect(page.getByText("Checked in this browser only")).toBeVisible();
  await expect(statusOf(watched, "Offline: last known")).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();
  await accessible(page);
  expect(saves).toEqual([]);
  gateway.streams.append(`run:${RUN}`, ...WHOLE.slice(MIDDLE));

  gateway.streams.mend();
  await context.setOffline(false);
  await expect(statusOf(page, "Saved")).toBeVisible();
  await expect(noNetwork(page)).toBeHidden();
  await expect(page.getByText("Checked in this browser only")).toBeHidden();
  const saved = gateway.workflows.get(workflow)?.source ?? "";
  expect(saved).toContain("Brief of minute 5");
  expect(saved).toContain("Check of minute 5");
  expect(saves.map(({ match }) => match)).toEqual([before]);
  await expect.poll(() => kept(page)).toBe("[]");
  await expect(watched.locator(ANSWER)).toHaveText(BRIEF_TEXT);
  expect(gateway.streams.asked).toEqual(["0", `1:${MIDDLE}`]);
  // The token had ended meanwhile: it was renewed, and nobody had to sign in.
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("has what was written when the page is loaded again without a network", async ({
  page,
  context,
  gateway,
}) => {
  const { workflow } = furnish(gateway);
  await openStep(page, workflow, "brief");
  await context.setOffline(true);
  // Chromium lets through what a page sends while it goes.
  let isAway = true;
  gateway.use(
    http.put("*/v1/workflows/:id", () => (isAway ? problem(503, "Not available") : undefined)),
  );
  for (let edit = 1; edit <= 5; edit += 1) {
    await write(page, "brief", `Brief, edit ${edit}`);
    await write(page, "check", `Check, edit ${edit}`);
  }
  await expect(statusOf(page, /Offline: \d+ changes kept here/)).toBeVisible();
  // The browser asks whether to leave what is not saved; then it has a page of its own.
  page.on("dialog", (dialog) => void dialog.accept());
  await expect(page.reload()).rejects.toThrow(/ERR_INTERNET_DISCONNECTED/);
  await expect(page).toHaveURL(/^chrome-error:/);
  await context.setOffline(false);
  await page.goto(`/workflows/${workflow}`);
  const dialog = page.getByRole("dialog", { name: "There are changes that were not saved" });
  await expect(dialog).toBeVisible();
  // Not before: what the page sent while it went may still be on its way.
  isAway = false;
  await dialog.getByRole("button", { name: "Continue with them" }).click();
  await expect(statusOf(page, "Saved")).toBeVisible();
  const saved = gateway.workflows.get(workflow)?.source;
  expect(saved).toContain("Brief, edit 5");
  expect(saved).toContain("Check, edit 5");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect.poll(() => gateway.workflows.get(workflow)?.source).not.toContain("Check, edit 5");
});

test("keeps the page when a part of it cannot be fetched, and shows the part once it can", async ({
  page,
  context,
  gateway,
}) => {
  const { workflow } = furnish(gateway);
  await page.goto(`/workflows/${workflow}`);
  await expect(page.locator('[id="steps.brief"]')).toBeVisible();
  await context.setOffline(true);
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await expect(noNetwork(page)).toBeVisible();
  await expect(page.locator('[id="steps.brief"]')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole("dialog", { name: /Publish/ })).toBeVisible();
});

test("tells of a page whose file is gone after one try to load it anew (flow 34)", async ({
  page,
  gateway,
}) => {
  furnish(gateway);
  await page.route(/\/assets\/templates-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
  await page.goto("/workflows");
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  await page.getByRole("link", { name: "Templates" }).click();
  await expect(page.getByRole("heading", { name: "This page broke" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Workflows" })).toBeVisible();
  // A page tells of its load after it has drawn.
  await expect.poll(() => loads).toBe(1);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Templates" })).toBeVisible();
});

test("says that there is no connection where a whole page cannot be fetched, and opens it once it can", async ({
  page,
  context,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  await page.goto("/workflows");
  await expect(page.getByRole("link", { name: "City brief" })).toBeVisible();
  await context.setOffline(true);
  await page.getByRole("link", { name: "Templates" }).click();
  await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
  await accessible(page);
  await context.setOffline(false);
  await expect(page.getByRole("heading", { name: "Templates" })).toBeVisible();
});
