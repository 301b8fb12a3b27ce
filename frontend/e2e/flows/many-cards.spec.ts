/** A canvas with much on it: only what is touched or spoken to is drawn again (flows 13, 32). */
import type { Page } from "@playwright/test";
import { layoutOf, sourceOf } from "../../bench/graph";
import { addRenderCounter, drawnDuring } from "../../bench/render-counter";
import { expect, test } from "../fixtures";
import { RunScript } from "../gateway/run-script";
import { furnish } from "../gateway/world";

const ID = "0190-many";
const SPEAKERS = Array.from({ length: 20 }, (_, n) => `speaker${n + 1}`);
const SILENT = ["silent1", "silent2", "silent3", "silent4"];
const WORKFLOW = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: choir, title: Choir}
steps:
${[...SPEAKERS, ...SILENT].map((id) => `  ${id}: {agent: research, prompt: "Sing."}`).join("\n")}
`;
const speech = (id: string) =>
  Array.from({ length: 40 }, (_, n) => `${id} says line ${n + 1}, and goes on`).join("; ");

/** Everybody begins, then all speak at once, a few characters in turn, then all end. */
function choir() {
  const script = new RunScript(ID).run("run.started.v1", "running");
  for (const id of [...SPEAKERS, ...SILENT]) script.starts(id, { agent: "research" });
  for (const id of SILENT) script.ends(id, "Nothing to say.");
  const begun = script.events.length;
  const left = new Map(SPEAKERS.map((id) => [id, speech(id)]));
  while (left.size > 0) {
    for (const [id, text] of left) {
      script.says(id, text.slice(0, 60), { piece: 12, everyMs: 5 });
      if (text.length > 60) left.set(id, text.slice(60));
      else left.delete(id);
    }
  }
  const spoken = script.events.length;
  for (const id of SPEAKERS) script.ends(id, speech(id));
  script.finishes({});
  const { events } = script;
  return {
    beginning: events.slice(0, begun),
    speaking: events.slice(begun, spoken),
    end: events.slice(spoken),
  };
}

/** Note on whose cards something changes from now on. */
async function watchCards(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const found = new Set<string>();
    const canvas = document.querySelector(".react-flow");
    if (!canvas) throw new Error("this page has no canvas");
    const ownerOf = (node: Node) =>
      (node instanceof Element ? node : node.parentElement)
        ?.closest(".react-flow__node")
        ?.getAttribute("data-id") ?? "beside the cards";
    new MutationObserver((changes) => {
      for (const { target } of changes) found.add(ownerOf(target));
    }).observe(canvas, { subtree: true, childList: true, characterData: true, attributes: true });
    Object.assign(window, { changedCards: found });
  });
  return () =>
    page.evaluate(() => [...(window as unknown as { changedCards: Set<string> }).changedCards]);
}

test("draws what twenty steps say at once, each on its own card (flow 13)", async ({
  page,
  gateway,
  accessible,
}) => {
  await addRenderCounter(page);
  furnish(gateway);
  const { beginning, speaking, end } = choir();
  gateway.runs.add(ID, WORKFLOW, beginning);
  await page.goto(`/runs/${ID}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await expect(canvas.getByRole("group", { name: /^silent4/ })).toContainText("Succeeded");
  await expect(canvas.getByRole("group", { name: /^speaker20/ })).toContainText("Running");
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
  const changed = await watchCards(page);
  const drawn = await drawnDuring(page, async () => {
    for (let from = 0; from < speaking.length; from += 200) {
      gateway.streams.append(`run:${ID}`, ...speaking.slice(from, from + 200));
      await page.waitForTimeout(20);
    }
    for (const id of SPEAKERS)
      await expect(canvas.getByRole("group", { name: new RegExp(`^${id},`) })).toContainText(
        speech(id).slice(-40),
      );
  });
  const own = new Set(SPEAKERS.map((id) => `steps.${id}`));
  expect((await changed()).filter((id) => !own.has(id))).toEqual([]);
  // Words are lines inside a card: neither it nor its wrapper is drawn for them.
  expect(drawn.flatMap(({ wrappers, cards }) => [...wrappers, ...cards])).toEqual([]);

  const ended = await drawnDuring(page, async () => {
    gateway.streams.append(`run:${ID}`, ...end);
    await expect(page.locator("main header").first().getByText("Succeeded")).toBeVisible();
  });
  // Another state is another card: what counted nothing above does count.
  expect(new Set(ended.flatMap(({ cards }) => cards))).toEqual(own);
  const steps = page.getByRole("table");
  for (const id of SPEAKERS) {
    await steps.getByRole("button", { name: id, exact: true }).click();
    await expect(page.locator("[data-channel=answer] [data-text]")).toHaveText(speech(id));
  }
  await accessible(page);
});

const COUNT = 1_000;

test("opens, drags, pans, tidies and takes back in a workflow of 1,000 steps (flow 32)", async ({
  page,
  gateway,
  accessible,
}) => {
  await addRenderCounter(page);
  const layout = layoutOf(COUNT);
  const { id } = gateway.addWorkflow(sourceOf(COUNT), { name: "large", title: "Large", layout });
  const saved = () => gateway.workflows.get(id)?.layout as typeof layout | undefined;
  await page.goto(`/workflows/${id}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await expect(canvas.getByRole("group").first()).toBeVisible();
  const drawnCards = page.locator(".react-flow__node");
  // What is out of sight is not drawn.
  expect(await drawnCards.count()).toBeLessThan(COUNT);

  const path = "steps.s51";
  const box = await page.locator(`[id="${path}"]`).boundingBox();
  if (!box) throw new Error("the card is not drawn");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  // The first movement chooses the card, which opens the inspector beside the canvas.
  await page.mouse.move(x + 12, y + 12);
  await expect(page.getByRole("textbox", { name: "Name of the step" })).toBeVisible();
  const steps = 20;
  const drawn = await drawnDuring(page, async () => {
    for (let n = 1; n <= steps; n += 1) await page.mouse.move(x + 12 - n * 4, y + 12 + n * 4);
  });
  await page.mouse.up();
  const moved = drawn.filter(({ wrappers }) => wrappers.length > 0);
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.length).toBeLessThanOrEqual(steps);
  for (const { wrappers } of moved) expect(wrappers).toEqual([path]);
  for (const { cards } of drawn) expect(cards.filter((one) => one !== path)).toEqual([]);
  await expect.poll(() => saved()?.nodes[path]).not.toEqual(layout.nodes[path]);
  const dragged = saved();
  for (const [other, place] of Object.entries(layout.nodes))
    if (other !== path) expect(dragged?.nodes[other]).toEqual(place);

  const before = await viewport(page);
  await canvas.focus();
  await page.keyboard.down("Space");
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 120, y - 80, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up("Space");
  await expect.poll(() => viewport(page)).not.toBe(before);

  // It gives up after five seconds, which a machine with other work may need; then one asks again.
  await expect(async () => {
    await page.getByRole("button", { name: "Tidy up" }).click();
    await expect
      .poll(() => saved()?.nodes["steps.s999"], { timeout: 8_000 })
      .not.toEqual(layout.nodes["steps.s999"]);
  }).toPass({ timeout: 110_000 });
  await canvas.focus();
  await page.keyboard.press("Control+z");
  await expect.poll(() => saved()).toEqual(dragged);
  await page.keyboard.press("Control+z");
  await expect.poll(() => saved()?.nodes).toEqual(layout.nodes);
  await accessible(page);
});

function viewport(page: Page): Promise<string> {
  return page
    .locator(".react-flow__viewport")
    .evaluate((one) => (one as HTMLElement).style.transform);
}
