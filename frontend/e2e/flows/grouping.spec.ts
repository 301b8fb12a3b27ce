/** Steps in groups, notes beside them, pinned outputs: drawn, moved, closed, copied and taken back by keyboard. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { furnish } from "../gateway/world";

interface Saved {
  nodes?: Record<string, { x: number; y: number }>;
  groups?: { title: string; members: string[] }[];
  notes?: { text: string; x: number }[];
  pins?: Record<string, unknown>;
}

const savedLayout = (gateway: E2eGateway, workflow: string) =>
  gateway.workflows.get(workflow)?.layout as Saved | undefined;

async function openCanvas(page: Page, workflow: string) {
  await page.goto(`/workflows/${workflow}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await expect(canvas.getByRole("group", { name: /^facts/ })).toBeVisible();
  await canvas.focus();
  return canvas;
}

test("groups steps, moves them together, closes the group and takes it all back, by keyboard @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const canvas = await openCanvas(page, workflow);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Control+g");
  const frame = canvas.getByRole("group", { name: "Group, group of 2 steps" });
  await expect(frame).toBeVisible();
  await page.keyboard.press("F2");
  await page.keyboard.insertText("Research");
  await page.keyboard.press("Enter");
  const named = canvas.getByRole("group", { name: "Research, group of 2 steps" });
  await expect(named).toBeVisible();
  await accessible(page);

  await canvas.focus();
  const before = await page.locator('[id="steps.brief"]').boundingBox();
  await page.keyboard.press("m");
  for (let times = 0; times < 3; times += 1) await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Enter");
  await expect
    .poll(async () => (await page.locator('[id="steps.brief"]').boundingBox())?.y ?? 0)
    .toBeGreaterThan((before?.y ?? 0) + 40);
  await expect
    .poll(() => savedLayout(gateway, workflow)?.groups?.[0])
    .toMatchObject({
      title: "Research",
      members: ["steps.facts", "steps.brief"],
    });
  const { nodes } = savedLayout(gateway, workflow) ?? {};
  expect(nodes?.["steps.facts"]?.y).toBe(nodes?.["steps.brief"]?.y);

  await page.keyboard.press("Enter");
  await expect(page.locator('[id="steps.facts"]')).toBeHidden();
  await expect(page.locator('[id="steps.check"]')).toBeVisible();
  await expect(named).toContainText("2 steps");
  await accessible(page);
  await page.reload();
  await expect(named).toBeVisible();
  await expect(page.locator('[id="steps.facts"]')).toBeHidden();
  await named.getByRole("button", { name: "Open Research" }).click();
  await expect(page.locator('[id="steps.facts"]')).toBeVisible();

  await page.locator('[id="steps.facts"]').click();
  await canvas.focus();
  await page.keyboard.press("Control+Shift+g");
  await expect(named).toBeHidden();
  await page.keyboard.press("Control+z");
  await expect(named).toBeVisible();
});

test("moves a group with its steps by pointer, in one step of undo", async ({ page, gateway }) => {
  const { workflow } = furnish(gateway);
  const canvas = await openCanvas(page, workflow);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+g");
  const frame = canvas.getByRole("group", { name: "Group, group of 3 steps" });
  const title = frame.getByText("Group", { exact: true });
  const [from, step] = [await title.boundingBox(), page.locator('[id="steps.brief"]')];
  const before = await step.boundingBox();
  if (!from || !before) throw new Error("nothing is drawn");
  await page.mouse.move(from.x + 4, from.y + 4);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 90, { steps: 8 });
  await page.mouse.up();
  await expect.poll(async () => (await step.boundingBox())?.y ?? 0).toBeGreaterThan(before.y + 40);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect.poll(async () => (await step.boundingBox())?.y ?? 0).toBeLessThan(before.y + 10);
});

test("draws a box around cards, which are chosen then and move together", async ({
  page,
  gateway,
}) => {
  const { workflow } = furnish(gateway);
  await openCanvas(page, workflow);
  const cards = ["steps.facts", "steps.brief"].map((id) => page.locator(`[id="${id}"]`));
  const [one, two] = await Promise.all(cards.map((card) => card.boundingBox()));
  if (!one || !two) throw new Error("nothing is drawn");
  await page.keyboard.down("Shift");
  await page.mouse.move(Math.min(one.x, two.x) - 12, Math.min(one.y, two.y) - 12);
  await page.mouse.down();
  const corner = {
    x: Math.max(one.x, two.x) + one.width / 2,
    y: Math.max(one.y, two.y) + one.height / 2,
  };
  await page.mouse.move(corner.x, corner.y, { steps: 8 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const chosen = page.locator(".react-flow__node.selected");
  await expect(chosen).toHaveCount(2);
  await page.mouse.move(two.x + 20, two.y + 20);
  await page.mouse.down();
  await page.mouse.move(two.x + 20, two.y + 120, { steps: 8 });
  await page.mouse.up();
  await expect
    .poll(() => Object.keys(savedLayout(gateway, workflow)?.nodes ?? {}))
    .toEqual(expect.arrayContaining(["steps.facts", "steps.brief"]));
});

test("writes, moves, copies and pastes notes by keyboard", async ({ page, gateway, context }) => {
  const { workflow } = furnish(gateway);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const canvas = await openCanvas(page, workflow);
  await page.keyboard.press("Shift+S");
  const field = page.getByRole("textbox", { name: "Note" });
  await field.fill("Ask the night staff");
  await field.press("Escape");
  await expect(canvas.getByText("Ask the night staff")).toBeVisible();
  await canvas.focus();
  await page.keyboard.press("Alt+n");
  await page.keyboard.press("m");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Enter");
  await expect.poll(() => savedLayout(gateway, workflow)?.notes?.[0]?.x).toBe(40);
  await page.keyboard.press("Control+c");
  await page.keyboard.press("Control+v");
  await expect(canvas.getByText("Ask the night staff")).toHaveCount(2);
  await page.keyboard.press("Delete");
  await expect(canvas.getByText("Ask the night staff")).toHaveCount(1);
  await page.keyboard.press("Control+z");
  await expect(canvas.getByText("Ask the night staff")).toHaveCount(2);
});

test("pins what a step made with one key, and shows it on the card and in the outline", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const canvas = await openCanvas(page, workflow);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("p");
  const pinned = canvas.getByRole("group", { name: /^facts.*output pinned/ });
  await expect(pinned).toBeVisible();
  await expect
    .poll(() => savedLayout(gateway, workflow)?.pins)
    .toEqual({
      "steps.facts": ["One in nine passengers rides at night."],
    });
  await page.keyboard.press("Alt+o");
  const row = page.getByRole("treegrid").getByRole("row", { name: /facts/ });
  await expect(row.getByRole("img", { name: "Output pinned" })).toBeVisible();
  await accessible(page);
  await canvas.focus();
  await page.keyboard.press("p");
  await expect(pinned).toBeHidden();
  await page.keyboard.press("Control+z");
  await expect(pinned).toBeVisible();
});
