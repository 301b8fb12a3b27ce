/** One workflow made from nothing by mouse, by keyboard and on a phone: three ways, one text (flows 2, 3, 4). */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";

const EMPTY = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: night-buses, title: Night buses}
# Nothing yet.
steps: {}
`;
const MADE = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: night-buses, title: Night buses}
# Nothing yet.
steps:
  research: {agent: research, prompt: "What is known about night buses?"}
  answer:
    llm: default
    prompt: "Summarise in one sentence: \${steps.research.output}"
  ask: {approval: {title: "Publish this?"}, needs: [answer]}
`;

async function open(page: Page, gateway: E2eGateway) {
  const { id } = gateway.addWorkflow(EMPTY, { name: "night-buses", title: "Night buses" });
  await page.goto(`/workflows/${id}`);
  await expect(page.getByRole("button", { name: "Publish", exact: true })).toBeVisible();
  return { saved: () => gateway.workflows.get(id)?.source };
}

const canvasOf = (page: Page) => page.getByRole("application", { name: "Workflow canvas" });
const card = (page: Page, id: string) => page.locator(`[id="steps.${id}"]`);

async function centre(place: Locator) {
  const box = await place.boundingBox();
  if (!box) throw new Error("nothing is drawn");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 12 });
  await page.mouse.up();
}

test("by mouse: dragged, dropped on nothing, put into a wire, saved and opened again", async ({
  page,
  gateway,
  accessible,
}) => {
  const { saved } = await open(page, gateway);
  const canvas = canvasOf(page);
  const palette = page.getByRole("complementary", { name: "Steps" });
  await palette
    .getByRole("button", { name: "Agent" })
    .dragTo(canvas, { targetPosition: { x: 180, y: 200 } });
  await expect(card(page, "research")).toBeVisible();
  await page.getByRole("textbox", { name: "Prompt" }).fill("What is known about night buses?");
  await page.getByRole("button", { name: "Close" }).click();

  // A wire that ends on nothing asks what shall stand there.
  const output = card(page, "research").locator(".react-flow__handle.source").first();
  const start = await centre(output);
  await drag(page, start, { x: start.x + 260, y: start.y + 40 });
  await page.getByRole("option", { name: "Approval" }).click();
  await expect(card(page, "approval")).toBeVisible();
  await page.getByRole("textbox", { name: "Name of the step" }).fill("ask");
  await page.keyboard.press("Enter");
  await expect(card(page, "ask")).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();

  await page.getByRole("button", { name: "Insert a step here" }).click();
  await page.getByRole("combobox", { name: "Find a step" }).fill("model");
  await page.getByRole("option", { name: "Model call" }).click();
  await expect(card(page, "answer")).toBeVisible();
  await expect.poll(saved).toBe(MADE);
  await page.reload();
  await expect(card(page, "answer")).toBeVisible();
  await expect(canvas.getByRole("group", { name: /^answer.*connects to ask/ })).toBeVisible();
  await accessible(page);
});

test("by keyboard, without a pointer: the same text", async ({ page, gateway, accessible }) => {
  const { saved } = await open(page, gateway);
  const canvas = canvasOf(page);
  const add = async (words: string) => {
    await canvas.focus();
    await page.keyboard.press("n");
    await page.getByRole("combobox", { name: "Find a step" }).pressSequentially(words);
    await page.keyboard.press("Enter");
  };
  await add("agent");
  await expect(canvas.getByRole("group", { name: /^research/ })).toBeVisible();
  // The next part of the page is what was opened for the step.
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  await expect(prompt).toBeVisible();
  for (let tries = 0; tries < 30 && !(await isFocused(prompt)); tries += 1)
    await page.keyboard.press(tries === 0 ? "F6" : "Tab");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("What is known about night buses?");

  await add("model");
  await expect(canvas.getByRole("group", { name: /^answer/ })).toBeVisible();
  await add("approval");
  await expect(canvas.getByRole("group", { name: /^approval/ })).toBeVisible();
  await canvas.focus();
  await page.keyboard.press("F2");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("ask");
  await page.keyboard.press("Enter");
  await expect(canvas.getByRole("group", { name: /^answer.*connects to ask/ })).toBeVisible();
  await expect.poll(saved).toBe(MADE);
  await accessible(page);
});

const isFocused = (field: Locator) =>
  field.evaluate((element) => element === document.activeElement);

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("by touch in the outline: the same text", async ({ page, gateway, accessible }) => {
    const { saved } = await open(page, gateway);
    await accessible(page);
    const add = async (title: string) => {
      await page.getByRole("button", { name: "Add a step" }).tap();
      await page.getByRole("option", { name: title }).tap();
    };
    const inspector = page.getByRole("complementary", { name: "Selected step" });
    await add("Agent");
    await page.screenshot({ path: "/tmp/phone1.png" });
    await inspector
      .getByRole("textbox", { name: "Prompt" })
      .fill("What is known about night buses?");
    await inspector.getByRole("button", { name: "Close" }).tap();
    await add("Model call");
    await inspector.getByRole("button", { name: "Close" }).tap();
    await add("Approval");
    await inspector.getByRole("textbox", { name: "Name of the step" }).fill("ask");
    await page.keyboard.press("Enter");
    await accessible(page);
    await inspector.getByRole("button", { name: "Close" }).tap();
    const rows = page.getByRole("treegrid", { name: "Outline" }).getByRole("row");
    await expect(rows).toHaveText([/research/, /answer.*from research to ask/, /ask.*from answer/]);
    await page.screenshot({ path: "/tmp/phone2.png" });
    await expect.poll(saved).toBe(MADE);
    await accessible(page);
  });
});
