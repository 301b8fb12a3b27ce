/** B-UI-4: four answers at 80 tokens a second beside a run of 500 steps, while somebody clicks and presses keys. */
import { type Browser, type Page, test } from "@playwright/test";
import { E2eGateway } from "../e2e/gateway/gateway";
import { RunScript } from "../e2e/gateway/run-script";
import { Accountant } from "./cost";
import { builtPage } from "./gateway";
import { idOf, layoutOf, sourceOf } from "./graph";
import { markdownTokens } from "./markdown-text";
import { WAIT_MS, within } from "./patience";
import { addProbe } from "./probe";
import { BLOCKS, progress, report } from "./report";
import { ANSWERS, RUN, STEPS, TOKENS_PER_S } from "./streams";

const SECONDS = 20;
const TICK_MS = 1_000 / TOKENS_PER_S;
const TOKENS = SECONDS * TOKENS_PER_S;
/** Until the longest of what happens must have happened, on a machine that does other things too. */
const HAPPENING_MS = (SECONDS + 40) * 1_000;
const AGENT = 'agent: research, prompt: "Look into it."';

test("four answers beside a run", async ({ browser }) => {
  const blocks = [];
  for (let block = 0; block < Math.min(BLOCKS, 4); block += 1) {
    blocks.push({ block, ...(await measured(browser)) });
    progress(`block ${block} of ${Math.min(BLOCKS, 4)} is done`);
  }
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
  page.setDefaultTimeout(WAIT_MS);
  await addProbe(page);
  await page.goto(gateway.url);
  await page.locator(".react-flow__node").first().waitFor();
  await page.waitForTimeout(2_000);
  const accountant = await Accountant.of(page);
  await page.evaluate(() => window.bench.start());
  const cost = await accountant.during(async () => {
    await Promise.all([
      within(HAPPENING_MS, "all events to be sent", told(gateway, scenes)),
      within(HAPPENING_MS, "every click and key to be answered", busyHand(page)),
    ]);
  });
  const { frames, long_tasks, interactions } = await page.evaluate(() => window.bench.stop());
  await expectTheWhole(page, gateway);
  await within(WAIT_MS, "the browser to close the page", page.context().close());
  await within(WAIT_MS, "the gateway to stop", gateway.stop());
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
  for (let n = 0; n < SECONDS - 2; n += 1) {
    await page.waitForTimeout(900);
    if (n % 2 === 1) await page.keyboard.press("ArrowRight");
    else {
      const { x, y } = await cardInSight(page, n * 3);
      await page.mouse.click(x, y);
    }
  }
}

/** The middle of one of the cards that can be clicked: how many are drawn depends on what is looked at. */
async function cardInSight(page: Page, nth: number): Promise<{ x: number; y: number }> {
  const { inSight, drawn } = await page.evaluate(() => {
    const nodes = [...document.querySelectorAll(".react-flow__node")];
    const middles = nodes.map((node) => {
      const { x, y, width, height } = node.getBoundingClientRect();
      return { node, at: { x: x + width / 2, y: y + height / 2 } };
    });
    const found = middles.filter(({ node, at: { x, y } }) =>
      node.contains(document.elementFromPoint(x, y)),
    );
    return { drawn: nodes.length, inSight: found.map(({ at }) => at) };
  });
  const chosen = inSight[nth % inSight.length];
  if (!chosen) throw new Error(`none of the ${drawn} cards that are drawn can be clicked`);
  return chosen;
}

/** What was measured is only worth something when all of it arrived. */
async function expectTheWhole(page: Page, gateway: E2eGateway): Promise<void> {
  for (const id of ANSWERS) {
    const answer = page.locator(`[data-answer="${id}"]`);
    await answer
      .filter({ hasText: `word-${TOKENS - 1}` })
      .waitFor()
      .catch(async () => {
        const [shown] = await answer.allTextContents();
        throw new Error(`the end of ${id} is not on the page; it ends with ${shown?.slice(-80)}`);
      });
  }
  if (gateway.faults.length > 0) throw new Error(gateway.faults.join("\n"));
}
