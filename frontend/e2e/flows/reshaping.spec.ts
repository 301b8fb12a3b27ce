/** Steps are switched off, given another kind, moved into a workflow of their own; by keys and by the menu. */
import type { Page } from "@playwright/test";
import { HttpResponse, http } from "msw";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { furnish, THREE_STEPS } from "../gateway/world";

const canvasOf = (page: Page) => page.getByRole("application", { name: "Workflow canvas" });
const card = (page: Page, id: string) => page.locator(`[id="steps.${id}"]`);
const source = (gateway: E2eGateway, id: string) => gateway.workflows.get(id)?.source ?? "";
const menuOf = (page: Page) => page.getByRole("menu", { name: "What can be done here" });

/** Select one step, and have its keys obeyed. */
async function choose(page: Page, id: string) {
  await card(page, id).click();
  await canvasOf(page).focus();
}

async function open(page: Page, gateway: E2eGateway) {
  const { workflow, run } = furnish(gateway);
  await page.goto(`/workflows/${workflow}`);
  await expect(card(page, "facts")).toBeVisible();
  await canvasOf(page).focus();
  return { workflow, run };
}

test("switches a step off and on by a key, and says what is skipped with it", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = await open(page, gateway);
  await choose(page, "brief");
  await page.keyboard.press("d");
  await expect(page.getByText("brief will not run, and check is skipped with it.")).toBeVisible();
  await expect(canvasOf(page).getByRole("group", { name: /^brief.*, off/ })).toBeVisible();
  await expect.poll(() => source(gateway, workflow)).toContain('if: "${false}"');
  await accessible(page);
  await canvasOf(page).focus();
  await page.keyboard.press("d");
  await expect.poll(() => source(gateway, workflow)).toBe(THREE_STEPS);
});

test("opens a menu by key and by the right button, on steps, wires and the canvas", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = await open(page, gateway);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+F10");
  const menu = menuOf(page);
  await expect(menu.getByRole("menuitem", { name: /Give it another kind/ })).toBeVisible();
  // What cannot be done now says why.
  await expect(menu.getByRole("menuitem", { name: /^Group/ })).toContainText("Select more steps");
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await expect(canvasOf(page)).toBeFocused();

  await card(page, "check").click({ button: "right" });
  await menu.getByRole("menuitem", { name: /^Duplicate/ }).click();
  await expect(card(page, "check_2")).toBeVisible();

  await canvasOf(page).focus();
  await page.keyboard.press("1");
  await page.locator('[data-wire="steps.facts>steps.brief"]').click({ button: "right" });
  await menu.getByRole("menuitem", { name: "Insert a step here" }).click();
  await page.getByRole("combobox", { name: "Find a step" }).fill("transform");
  await page.keyboard.press("Enter");
  await expect(card(page, "transform")).toBeVisible();

  const box = await canvasOf(page).boundingBox();
  await page.mouse.click((box?.x ?? 0) + 30, (box?.y ?? 0) + 30, { button: "right" });
  await menu.getByRole("menuitem", { name: /Add a note/ }).click();
  await expect(page.getByRole("textbox", { name: "Note" })).toBeAttached();
  await expect.poll(() => source(gateway, workflow)).toContain("check_2:");
});

test("gives a step another kind, and says what it has not any more", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = await open(page, gateway);
  await choose(page, "brief");
  await page.keyboard.press("r");
  await page.getByRole("combobox", { name: "Find a step" }).fill("wait");
  await page.keyboard.press("Enter");
  await expect(page.getByText("brief is of another kind now")).toBeVisible();
  await expect(
    page.getByText(/It has no prompt any more\. Not connected any more: facts/),
  ).toBeVisible();
  await expect.poll(() => source(gateway, workflow)).toMatch(/brief:\n(?: .*\n)*? {4}wait:/);
  await accessible(page);
  await canvasOf(page).focus();
  await page.keyboard.press("Control+z");
  await expect.poll(() => source(gateway, workflow)).toBe(THREE_STEPS);
});

test("moves steps into a workflow of their own, in one step of undo", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = await open(page, gateway);
  let made = "";
  gateway.use(
    http.post("*/v1/workflows", async ({ request }) => {
      made = ((await request.json()) as { source: string }).source;
      return HttpResponse.json(gateway.addWorkflow(made, {}), { status: 201 });
    }),
  );
  await card(page, "brief").click();
  await card(page, "check").click({ modifiers: ["Shift"] });
  await canvasOf(page).focus();
  await page.keyboard.press("Alt+x");
  const dialog = page.getByRole("dialog", { name: "Make a workflow of the selected steps" });
  await expect(dialog).toContainText("It asks for facts");
  await accessible(page);
  await dialog.getByRole("textbox", { name: "Name of the workflow" }).fill("brief-part");
  await dialog.getByRole("button", { name: "Make the workflow" }).click();
  await expect(card(page, "brief_part")).toBeVisible();
  await expect(card(page, "brief")).toBeHidden();
  await expect.poll(() => source(gateway, workflow)).toContain("workflow: brief-part");

  expect(made).toContain("${inputs.facts}");
  await canvasOf(page).focus();
  await page.keyboard.press("Control+z");
  await expect.poll(() => source(gateway, workflow)).toBe(THREE_STEPS);
});

test("opens input and output of a step by keys, and draws a box with the other tool", async ({
  page,
  gateway,
  accessible,
}) => {
  await open(page, gateway);
  await choose(page, "brief");
  await page.keyboard.press("i");
  await expect(page.getByRole("tab", { name: "Input" })).toBeFocused();
  await expect(page.getByRole("region", { name: "Input" })).toContainText("One in nine passengers");
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(canvasOf(page)).toBeFocused();
  await page.keyboard.press("o");
  await expect(page.getByRole("tab", { name: "Output" })).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("v");
  const box = (await canvasOf(page).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + 10, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
  await page.mouse.move(box.x + box.width - 10, box.y + box.height - 80, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator('[role="group"][data-selected]')).toHaveCount(3);
});

test("shows logs and timeline of the last run below the canvas", async ({
  page,
  gateway,
  accessible,
}) => {
  await open(page, gateway);
  await page.keyboard.press("l");
  const log = page.getByRole("region", { name: "Lines of the log" });
  await expect(log.getByRole("listitem").first()).toBeVisible();
  await expect(page.getByText(/^\d+ lines$/)).toBeVisible();
  await page.getByRole("textbox", { name: "Find in the log" }).fill("try 1");
  await expect(log.getByRole("listitem").first()).toContainText("try 1");
  await expect(page.getByText(/^[1-9]\d? lines?$/)).toBeVisible();
  await accessible(page);
  await log.getByRole("button", { name: "facts" }).first().click();
  await expect(card(page, "facts")).toHaveAttribute("data-selected", "true");
  await page.getByRole("button", { name: "Timeline" }).click();
  await expect(page.getByRole("row", { name: /facts/ })).toBeVisible();
  await page.getByRole("button", { name: "brief", exact: true }).click();
  await expect(card(page, "brief")).toHaveAttribute("data-selected", "true");
  await accessible(page);
});
