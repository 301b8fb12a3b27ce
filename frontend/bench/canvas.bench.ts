/** B-UI-3: gestures on the builder and on bare React Flow, block after block; heap; which cards are drawn again. */
import { type Browser, type Page, test } from "@playwright/test";
import { E2eGateway } from "../e2e/gateway/gateway";
import { Accountant, type Cost } from "./cost";
import { builtPage, gatewayWith } from "./gateway";
import { GESTURES, type Gesture, perform, STEPS_OF_A_GESTURE, type View, viewOf } from "./gestures";
import { WAIT_MS, within } from "./patience";
import { addProbe, type Recorded } from "./probe";
import { addRenderCounter, type Drawn, drawnDuring } from "./render-counter";
import { BLOCKS, progress, report } from "./report";

const COUNTS = [100, 500, 1_000];
const COUNTED = 500;

interface Sample extends Cost {
  system: "ours" | "bare";
  count: number;
  block: number;
  gesture: Gesture;
  steps: number;
  frames: number[];
}

test("gestures", async ({ browser }) => {
  const samples: Sample[] = [];
  const heap: { system: string; count: number; bytes: number }[] = [];
  const bare = await new E2eGateway(builtPage("bare")).start();
  for (const count of COUNTS) {
    const { gateway, path } = await gatewayWith(count);
    const view = await viewOfOurs(browser, gateway.url + path);
    const urls = { ours: gateway.url + path, bare: bare.url + bareQuery(count, view) };
    for (let block = 0; block < BLOCKS; block += 1) {
      const order = block % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const);
      for (const system of order) {
        const done = await measured(browser, urls[system]);
        heap.push({ system, count, bytes: done.heap });
        samples.push(
          ...done.gestures.map((one) => ({
            ...one,
            system,
            count,
            block,
            steps: STEPS_OF_A_GESTURE,
          })),
        );
      }
      progress(`${count} nodes: block ${block} of ${BLOCKS} is done`);
    }
    await within(WAIT_MS, "the gateway to stop", gateway.stop());
  }
  const drawn = await drawnByDragging(browser);
  await within(WAIT_MS, "the bare page's gateway to stop", bare.stop());
  report({ chromium: browser.version(), samples, heap, drawn });
});

function bareQuery(count: number, { width, height, zoom, origin }: View): string {
  const values = { count, width, height, zoom, x: origin.x, y: origin.y };
  return `/?${Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join("&")}`;
}

async function opened(browser: Browser, url: string, prepare = addProbe): Promise<Page> {
  const page = await (
    await browser.newContext({ viewport: { width: 1600, height: 1000 } })
  ).newPage();
  page.setDefaultTimeout(WAIT_MS);
  await prepare(page);
  await page.goto(url);
  await page.locator(".react-flow__node").first().waitFor();
  await page.waitForTimeout(1_000);
  return page;
}

/** How the builder looks at its workflow first: the bare page looks at it the same way. */
async function viewOfOurs(browser: Browser, url: string): Promise<View> {
  const page = await opened(browser, url);
  const view = await viewOf(page);
  await page.context().close();
  return view;
}

async function measured(browser: Browser, url: string) {
  const page = await opened(browser, url);
  const accountant = await Accountant.of(page);
  const heap = await accountant.heapBytes();
  const gestures: (Cost & { gesture: Gesture; frames: number[] })[] = [];
  for (const gesture of GESTURES) {
    await perform(page, gesture, async (work) => {
      await page.evaluate(() => window.bench.start());
      const cost = await accountant.during(work);
      const { frames }: Recorded = await page.evaluate(() => window.bench.stop());
      gestures.push({ gesture, frames, ...cost });
    });
  }
  await page.context().close();
  return { heap, gestures };
}

/** Which nodes are drawn while one and while fifty are dragged. */
async function drawnByDragging(browser: Browser): Promise<Record<string, Drawn[]>> {
  const { gateway, path } = await gatewayWith(COUNTED);
  const page = await opened(browser, gateway.url + path, addRenderCounter);
  const found: Record<string, Drawn[]> = {};
  for (const gesture of GESTURES.slice(2)) {
    await perform(page, gesture, async (work) => {
      found[gesture] = await drawnDuring(page, work);
    });
  }
  await page.context().close();
  await within(WAIT_MS, "the gateway to stop", gateway.stop());
  return found;
}
