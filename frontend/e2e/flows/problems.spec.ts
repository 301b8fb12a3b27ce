/** What is wrong is said where it is, walked through by a key, mended by one click, and keeps a version from being published (flow 9). */
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

const FAULTY = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: faulty}
inputs: {type: object, properties: {}}
steps:
  facts: {agent: research, prompt: "Find facts about \${inputs.topic}."}
  brief: {agent: analysis, prompt: "Write from \${steps.fact.output}."}
  check: {agent: qa, prompt: "Judge \${lowr(steps.brief.output)}."}
  tell: {emit: {topic: told, data: "\${secrets.token}"}, needs: [chek]}
  size: {transform: "\${1 +}"}
  send: {tool: crm.send, with: {key: "\${secrets.token}"}}
`;

test("leads through six faults, mends those that can be, and lets a version be published after", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  const { id } = gateway.addWorkflow(FAULTY, { title: "Faulty", published_version: null });
  await page.goto(`/workflows/${id}`);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  await expect(canvas.getByRole("group", { name: /^facts.*1 problem/ })).toBeVisible();
  const count = page.getByRole("button", { name: /\d+ problems?/ });
  await expect(count).toContainText("7 problems");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Publish a version" });
  await expect(dialog.getByText("7 errors have to be mended first.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Publish", exact: true })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  // F8 goes from one to the next, in the order of the text.
  await canvas.focus();
  const chosen = page.getByRole("textbox", { name: "Name of the step" });
  for (const step of ["facts", "brief", "check"]) {
    await page.keyboard.press("F8");
    await expect(chosen).toHaveValue(step);
  }
  await page.keyboard.press("Shift+F8");
  await expect(chosen).toHaveValue("brief");

  await count.click();
  const problems = page.getByRole("list", { name: "Problems" });
  await accessible(page);
  for (const left of [6, 5, 4, 3, 2]) {
    await problems
      .getByRole("button", { name: /^Fix: / })
      .first()
      .click();
    await expect(count).toContainText(`${left} problem`);
  }
  const saved = () => gateway.workflows.get(id)?.source;
  await expect.poll(saved).toContain("secrets: [token]");
  expect(saved()).toContain("inputs: {type: object, properties: {topic: {type: string}}}");
  expect(saved()).toContain("Write from ${steps.facts.output}.");
  expect(saved()).toContain("Judge ${lower(steps.brief.output)}.");
  expect(saved()).toContain("needs: [check]");

  // The other two nobody can mend for them.
  await problems.getByRole("button", { name: /Secrets are allowed only/ }).click();
  await expect(chosen).toHaveValue("tell");
  await page.getByRole("button", { name: "Delete step" }).click();
  await problems.getByRole("button", { name: /steps\.size/ }).click();
  await page.getByRole("textbox", { name: "Transform" }).fill("${1 + 1}");
  await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await expect(dialog.getByRole("button", { name: "Publish", exact: true })).toBeEnabled();

  // Every change has its name, and a way back.
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Changes", exact: true }).click();
  const changes = page.getByRole("list", { name: "Changes" });
  await expect(changes.getByRole("button", { name: "Fix" })).toHaveCount(5);
  await accessible(page);
  await changes.getByRole("button", { name: "As it was opened" }).click();
  await expect.poll(saved).toBe(FAULTY);
  await changes.getByRole("button").first().click();
  await expect.poll(saved).toContain("${1 + 1}");
});
