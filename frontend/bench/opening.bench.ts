/** B-UI-5: a workflow of 500 steps is opened for the first time, on a processor four times as slow. */
import { type Browser, type Page, test } from "@playwright/test";
import type { E2eGateway } from "../e2e/gateway/gateway";
import { Accountant } from "./cost";
import { gatewayWith } from "./gateway";
import { WAIT_MS, within } from "./patience";
import { addProbe } from "./probe";
import { BLOCKS, progress, report } from "./report";

const STEPS = 500;
const SLOWER = 4;
const QUIET_MS = 2_000;

test("cold open", async ({ browser }) => {
  const { gateway, path } = await gatewayWith(STEPS);
  const blocks = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    blocks.push({ block, ...(await opened(browser, gateway, path)) });
    progress(`block ${block} of ${BLOCKS} is done`);
  }
  await within(WAIT_MS, "the gateway to stop", gateway.stop());
  report({ chromium: browser.version(), steps: STEPS, slower: SLOWER, blocks });
});

/** When the first cards were there, and when nothing kept the page from answering any more. */
async function opened(browser: Browser, gateway: E2eGateway, path: string) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  // From the same origin, so that the page keeps the process that is slowed down.
  await page.goto(`${gateway.url}/.vite/manifest.json`);
  await addProbe(page);
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector(".react-flow__node [role=group]")) performance.mark("cards");
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const accountant = await Accountant.of(page);
  const speed = await loopMs(page);
  await accountant.throttle(SLOWER);
  const slowed = await loopMs(page);
  const before = await accountant.cost();
  await page.goto(gateway.url + path);
  await page.waitForFunction(
    (quiet) => {
      const cards = performance.getEntriesByName("cards")[0]?.startTime;
      if (cards === undefined) return false;
      const ends = window.bench.longTasks().map(({ start, duration }) => start + duration);
      return performance.now() - Math.max(cards, ...ends) > quiet;
    },
    QUIET_MS,
    { polling: 250, timeout: 60_000 },
  );
  const times = await page.evaluate(() => {
    const cards = performance.getEntriesByName("cards")[0]?.startTime ?? 0;
    const tasks = window.bench.longTasks();
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return {
      cards_ms: cards,
      first_paint_ms: paint?.startTime ?? 0,
      interactive_ms: Math.max(cards, ...tasks.map(({ start, duration }) => start + duration)),
      long_tasks: tasks,
    };
  });
  const script_s = (await accountant.cost()).script_s - before.script_s;
  const answer_ms = await answered(page);
  await context.close();
  return { ...times, script_s, answer_ms, slowed: slowed / speed };
}

/** How long a loop takes: whether the page is really slowed down. */
async function loopMs(page: Page): Promise<number> {
  return await page.evaluate(() => {
    const began = performance.now();
    let sum = 0;
    for (let n = 0; n < 20_000_000; n += 1) sum = (sum + n * n) % 1_000_003;
    return performance.now() - began + sum * 0;
  });
}

/** A card that is clicked is chosen; returns how long that takes. */
async function answered(page: Page): Promise<number> {
  const began = performance.now();
  await page.locator(".react-flow__node").nth(3).click();
  await page.locator(".react-flow__node [data-selected]").first().waitFor();
  return performance.now() - began;
}
