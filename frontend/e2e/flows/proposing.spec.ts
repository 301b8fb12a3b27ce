/** A model writes a workflow from a sentence, and proposes changes: looked at, taken step by step, taken back. */
import type { Page } from "@playwright/test";
import { HttpResponse, http } from "msw";
import type { AskProposal } from "@/api/generated";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { RunScript } from "../gateway/run-script";
import { furnish, THREE_STEPS } from "../gateway/world";

const card = (page: Page, id: string) => page.locator(`[id="steps.${id}"]`);
const source = (gateway: E2eGateway, id: string) => gateway.workflows.get(id)?.source ?? "";
const put = (id: string, step: object) => ({ action: "put", id, step });

/** Answers each question with the next proposal, a moment after it was asked. */
function model(gateway: E2eGateway, ...answers: object[]) {
  const asked: AskProposal[] = [];
  gateway.use(
    http.post("*/v1/proposals", async ({ request }) => {
      const proposal =
        answers[Math.min(asked.push((await request.json()) as AskProposal), answers.length) - 1];
      const id = `0190-proposal-${asked.length}`;
      const { events } = new RunScript(id).run("run.started.v1", "running").finishes({ proposal });
      gateway.runs.add(id, "", events.slice(0, 1));
      setTimeout(() => gateway.streams.append(`run:${id}`, ...events.slice(1)), 300);
      const run = await fetch(`${gateway.url}/v1/runs/${id}`);
      return HttpResponse.json((await run.json()) as object, { status: 202 });
    }),
  );
  return asked;
}

test("writes a workflow from a sentence, which counts only when it is applied", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  gateway.use(
    http.post("*/v1/workflows", async ({ request }) => {
      const { source: text } = (await request.json()) as { source: string };
      return HttpResponse.json(gateway.addWorkflow(text, { id: "0190-described" }), {
        status: 201,
      });
    }),
  );
  const asked = model(gateway, {
    explanation: "It reads the news and sums them up.",
    title: "Morning news",
    inputs: { site: { type: "string" } },
    outputs: { text: "${steps.sum.output}" },
    changes: [
      put("read", { tool: "web.fetch", with: { url: "${inputs.site}" } }),
      put("sum", { agent: "analysis", prompt: "Sum up ${steps.read.output}" }),
    ],
  });
  await page.goto("/workflows");
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await page.getByRole("textbox").first().waitFor();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("Sum up the news of a site");
  await dialog.getByRole("button", { name: "Let a model write it" }).click();
  const review = page.getByRole("region", { name: "Proposal" });
  await expect(review).toContainText("It reads the news and sums them up.");
  await expect(review.getByRole("status")).toHaveText("Checked: no problems.");
  await accessible(page);
  expect(asked).toMatchObject([{ text: "Sum up the news of a site", source: "" }]);
  expect(source(gateway, "0190-described")).not.toContain("web.fetch");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(card(page, "sum")).toBeVisible();
  await expect(card(page, "answer")).toBeHidden();
  await expect.poll(() => source(gateway, "0190-described")).toContain("title: Morning news");
  await page.reload();
  await expect(card(page, "sum")).toBeVisible();
  expect(asked).toHaveLength(1);
});

test("proposes changes that are taken step by step, mends its own faults, and is one step of undo", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const asked = model(
    gateway,
    {
      explanation: "Asks before it ends.",
      changes: [
        put("ask", { approval: { title: "Publish?" }, needs: ["checked"] }),
        put("note", { transform: "done" }),
        put("Bad Id", { transform: 1 }),
      ],
    },
    {
      explanation: "Waits for the right step.",
      changes: [put("ask", { approval: { title: "Publish?" }, needs: ["check"] })],
    },
  );
  await page.goto(`/workflows/${workflow}`);
  await expect(card(page, "facts")).toBeVisible();
  await page.keyboard.press("Alt+i");
  await page.getByRole("textbox", { name: "What should become of the workflow?" }).fill("Ask me");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const review = page.getByRole("region", { name: "Proposal" });
  await expect(review).toContainText("One part of the answer could not be read as a step");
  await expect(review.getByRole("status")).toHaveText("With it there would be one problem:");
  await review.getByRole("checkbox", { name: "note: new" }).uncheck();
  await expect(review.getByRole("region")).not.toContainText("done");
  await accessible(page);
  await review.getByRole("button", { name: "Let it mend these" }).click();
  await expect(review).toContainText("Waits for the right step.");
  expect(asked[1]?.problems?.[0]).toContain("checked");
  await expect(review.getByRole("status")).toHaveText("Checked: no problems.");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(card(page, "ask")).toBeVisible();
  await expect.poll(() => source(gateway, workflow)).toContain("needs: [check]");
  await expect(card(page, "note")).toBeHidden();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect.poll(() => source(gateway, workflow)).toBe(THREE_STEPS);
});

test("says why there is no proposal", async ({ page, gateway, accessible }) => {
  const { workflow } = furnish(gateway);
  model(gateway, { words: "I cannot." });
  await page.goto(`/workflows/${workflow}`);
  await page.getByRole("button", { name: "Ask a model for changes" }).click();
  await page.getByRole("textbox", { name: "What should become of the workflow?" }).fill("Ask me");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const told = page.getByRole("alert");
  await expect(told).toContainText("The model did not answer with steps.");
  await expect(told.getByRole("link", { name: "See what happened" })).toBeVisible();
  await accessible(page);
});
