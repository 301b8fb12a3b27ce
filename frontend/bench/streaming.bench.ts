/** B-UI-4: four answers at 80 tokens a second beside a run of 500 steps, while somebody clicks and presses keys. */
import { type Browser, type Page, test } from "@playwright/test";
import { E2eGateway } from "../e2e/gateway/gateway";
import { RunScript } from "../e2e/gateway/run-script";
import { Accountant } from "./cost";
import { builtPage } from "./gateway";
import { idOf, layoutOf, sourceOf } from "./graph";
import { markdownTokens } from "./markdown-text";
import { addProbe } from "./probe";
import { BLOCKS, report } from "./report";
import { ANSWERS, RUN, STEPS, TOKENS_PER_S } from "./streams";

const SECONDS = 20;
const TICK_MS = 1_000 / TOKENS_PER_S;
const TOKENS = SECONDS * TOKENS_PER_S;
const AGENT = 'agent: research, prompt: "Look into it."';

test("four answers beside a run", async ({ browser }) => {
  const blocks = [];
  for (let block = 0; block < Math.min(BLOCKS, 4); block += 1)
    blocks.push({ block, ...(await measured(browser)) });
  report({ chromium: browser.version(), seconds: SECONDS, blocks });
});

async function measured(browser: Browser) {
  const gateway = await new E2eGateway(builtPage("streams")).start();
  const scenes = [...ANSWERS.map(answering), stepping()];
  const workflow = gateway.addWorkflow(sourceOf(STEPS, AGENT), { layout: layoutOf(STEPS) });
  for (const { script, source } of scenes) {
    const { id, name } = workflow;
    gateway.runs.add(script.runId, source, [...script.events], { workflow: { id, name } });
  }
  const page = await (
    await browser.newContext({ viewport: { width: 1600, height: 1000 } })
  ).newPage();
  await addProbe(page);
  await page.goto(gateway.url);
  await page.locator(".react-flow__node").first().waitFor();
  await page.waitForTimeout(2_000);
  const accountant = await Accountant.of(page);
  await page.evaluate(() => window.bench.start());
  const cost = await accountant.during(async () => {
    await Promise.all([told(gateway, scenes), busyHand(page)]);
  });
  const { frames, long_tasks, interactions } = await page.evaluate(() => window.bench.stop());
  await expectTheWhole(page, gateway);
  await page.context().close();
  await gateway.stop();
  return { ...cost, frames, long_tasks, interactions };
}

interface Scene {
  script: RunScript;
  source: string;
  /** What happens at a tick. */
  tick: (n: number) => void;
}

function answering(id: string): Scene {
  const script = new RunScript(id, Date.now()).run("run.started.v1", "running").starts("answer");
  const tokens = markdownTokens(TOKENS);
  const tick = (n: number) => void script.says("answer", tokens[n] ?? "", { piece: 64 });
  return { script, source: sourceOf(1), tick };
}

/** Each step starts and ends; over the whole time all of them do. */
function stepping(): Scene {
  const script = new RunScript(RUN, Date.now()).run("run.started.v1", "running");
  const tick = (n: number) => {
    const [before, now] = [n - 1, n].map((at) => Math.floor((at * STEPS) / TOKENS));
    if (before === now) return;
    if (before !== undefined && before >= 0) script.ends(idOf(before), "Done.");
    script.starts(idOf(now ?? 0), { agent: "research" });
  };
  return { script, source: sourceOf(STEPS, AGENT), tick };
}

/** Let it all happen by the clock: an event a tick from each answer, as the wire has them. */
async function told(gateway: E2eGateway, scenes: Scene[]): Promise<void> {
  const began = performance.now();
  for (let n = 0; n < TOKENS; n += 1) {
    const ahead = began + n * TICK_MS - performance.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    for (const { script, tick } of scenes) {
      tick(n);
      const events = script.events.slice(gateway.streams.of(`run:${script.runId}`).length);
      if (events.length > 0) gateway.streams.append(`run:${script.runId}`, ...events);
    }
  }
}

/** Somebody who looks at one step after the other, by pointer and by keys. */
async function busyHand(page: Page): Promise<void> {
  const cards = page.locator(".react-flow__node");
  for (let n = 0; n < SECONDS - 2; n += 1) {
    await page.waitForTimeout(900);
    if (n % 2 === 0) await cards.nth((n * 3) % 24).click({ force: true });
    else await page.keyboard.press("ArrowRight");
  }
}

/** What was measured is only worth something when all of it arrived. */
async function expectTheWhole(page: Page, gateway: E2eGateway): Promise<void> {
  await page.waitForTimeout(1_000);
  for (const id of ANSWERS) {
    const shown = await page.locator(`[data-answer="${id}"]`).textContent();
    if (!shown?.includes("word-1599")) throw new Error(`the end of ${id} is not on the page`);
  }
  if (gateway.faults.length > 0) throw new Error(gateway.faults.join("\n"));
}
