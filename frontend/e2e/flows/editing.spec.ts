/** Text and canvas as two views of one document, whole steps carried over, everything taken back (flows 6, 7, 8). */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { furnish, THREE_STEPS } from "../gateway/world";

const canvasOf = (page: Page) => page.getByRole("application", { name: "Workflow canvas" });
const card = (page: Page, id: string) => page.locator(`[id="steps.${id}"]`);
const source = (gateway: E2eGateway, id: string) => gateway.workflows.get(id)?.source ?? "";

async function open(page: Page, workflow: string, first: string) {
  await page.goto(`/workflows/${workflow}`);
  await expect(card(page, first)).toBeVisible();
  const canvas = canvasOf(page);
  await canvas.focus();
  return canvas;
}

test("carries steps into another workflow through the clipboard", async ({
  page,
  gateway,
  context,
  accessible,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const from = gateway.addWorkflow(
    `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: from}
secrets: [crm_token]
steps:
  facts: {agent: research, prompt: Find facts.} # first
  brief: {agent: analysis, prompt: "Write from \${steps.facts.output}."}
  check: {agent: qa, prompt: "Judge \${steps.brief.output}."}
  send:
    http: {method: POST, url: "https://crm.example/", headers: {Authorization: "Bearer \${secrets.crm_token}"}, body: "\${steps.brief.output}"}
    needs: [check]
  done: {transform: "\${steps.send.output.status}"}
`,
    { title: "From" },
  );
  const { workflow } = furnish(gateway);
  await open(page, from.id, "facts");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+c");
  await expect(page.getByText("5 items copied")).toBeAttached();
  const canvas = await open(page, workflow, "facts");
  await page.keyboard.press("Control+v");
  await expect(card(page, "done")).toBeVisible();
  // Ids that are taken are other ones, and whoever refers to them follows.
  await expect
    .poll(() => source(gateway, workflow))
    .toContain('  brief_2: {agent: analysis, prompt: "Write from ${steps.facts_2.output}."}');
  expect(source(gateway, workflow)).toContain(
    "  facts_2: {agent: research, prompt: Find facts.} # first",
  );
  expect(source(gateway, workflow)).not.toContain("secrets: [crm_token]");
  // The secret did not come along: that is said.
  await page.getByRole("button", { name: /1 problem/ }).click();
  await expect(page.getByRole("list", { name: "Problems" })).toContainText("crm_token");
  await canvas.focus();
  await page.keyboard.press("Control+z");
  await expect.poll(() => source(gateway, workflow)).toBe(THREE_STEPS);
  await accessible(page);
});

test("keeps text and canvas together, comments and all, and the canvas safe while the text is broken", async ({
  page,
  gateway,
  accessible,
}) => {
  const commented = THREE_STEPS.replace("steps:\n", "steps: # what is done\n").replace(
    "  check:\n",
    "  # the last word\n  check:\n",
  );
  const { id } = gateway.addWorkflow(commented, { title: "Commented" });
  const canvas = await open(page, id, "facts");
  await page.keyboard.press("Alt+y");
  const code = page.getByRole("textbox", { name: "Document as YAML" });
  await expect(code).toContainText("# the last word");

  await code.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("# the end");
  await page.locator(".cm-line", { hasText: /^ {2}facts:/ }).click();
  await page.keyboard.press("Home");
  await page.keyboard.insertText("extra: {transform: 1}\n  ");
  await expect(card(page, "extra")).toBeVisible();

  await canvas.focus();
  await card(page, "brief").click();
  await page.getByRole("textbox", { name: "Name of the step" }).fill("summary");
  await page.keyboard.press("Enter");
  await expect(code).toContainText("Judge ${steps.summary.output}");
  await expect
    .poll(() => source(gateway, id))
    .toBe(
      `${commented
        .replace("  facts:\n", "  extra: {transform: 1}\n  facts:\n")
        .replaceAll("steps.brief", "steps.summary")
        .replace("  brief:\n", "  summary:\n")}# the end`,
    );

  const before = source(gateway, id);
  await code.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("a: [1, ");
  await expect(page.getByText("This is not YAML yet")).toBeVisible();
  await expect(card(page, "summary")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Discard code changes" }).click();
  await expect(page.getByText("This is not YAML yet")).toBeHidden();
  await expect(code).toContainText("Judge ${steps.summary.output}");
  expect(source(gateway, id)).toBe(before);
});

test("takes forty changes of every kind back to the beginning, and makes them again", async ({
  page,
  gateway,
  context,
  accessible,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { workflow } = furnish(gateway);
  const canvas = await open(page, workflow, "facts");
  const saved = () => {
    const { source: text = "", layout = {} } = gateway.workflows.get(workflow) ?? {};
    return JSON.stringify([text, layout]);
  };
  const undo = page.getByRole("button", { name: "Undo", exact: true });
  const redo = page.getByRole("button", { name: "Redo", exact: true });
  const key = async (...keys: string[]) => {
    await canvas.focus();
    for (const one of keys) await page.keyboard.press(one);
  };
  const add = async (words: string) => {
    await key("n");
    await page.getByRole("combobox", { name: "Find a step" }).pressSequentially(words);
    await page.keyboard.press("Enter");
  };
  const field = async (name: string, text: string) => {
    await page.getByRole("textbox", { name }).fill(text);
    await canvas.focus();
  };
  for (const [round, kind] of ["agent", "model", "transform", "wait", "code"].entries()) {
    await card(page, "facts").click();
    await add(kind);
    await field("Name of the step", `step_${round}`);
    await page.keyboard.press("Enter");
    await expect(card(page, `step_${round}`)).toBeVisible();
    await key("m", "ArrowDown", "ArrowDown", "Enter");
    await key("Control+d");
    await expect(card(page, `step_${round}_2`)).toBeVisible();
    await key("Alt+n", "Shift+S");
    await page.getByRole("textbox", { name: "Note" }).fill(`Note ${round}`);
    await page.keyboard.press("Escape");
    await card(page, `step_${round}`).click();
    await key("Shift+ArrowLeft", "Control+g");
    await key("Control+c", "Control+v");
    await key("Delete");
    await key("Shift+Alt+T");
  }
  await page.keyboard.press("Alt+y");
  const code = page.getByRole("textbox", { name: "Document as YAML" });
  await code.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("# by hand\n");
  await expect.poll(() => source(gateway, workflow)).toContain("# by hand");
  await page.keyboard.press("Alt+y");
  const end = saved();
  let steps = 0;
  for (; steps < 80 && (await undo.isEnabled()); steps += 1) await undo.click();
  expect(steps).toBeGreaterThanOrEqual(40);
  await expect.poll(() => source(gateway, workflow)).toBe(THREE_STEPS);
  for (let again = 0; again < steps; again += 1) await redo.click();
  await expect(redo).toBeDisabled();
  await expect.poll(saved).toBe(end);
  await accessible(page);
});
