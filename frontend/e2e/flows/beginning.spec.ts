/** A workspace in which nothing has happened: a model, a sample to watch, and somebody who shows around once. */
import { HttpResponse, http } from "msw";
import type { Model, SaveModel, SaveWorkflow } from "@/api/generated";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { goodRun, MODEL, THREE_STEPS } from "../gateway/world";

/** As the gateway after its set-up: templates, and models if there are any. */
function fresh(gateway: E2eGateway, models: Model[]): void {
  gateway.desk.addTemplate({
    title: "City brief",
    level: "start-here",
    source: THREE_STEPS,
    inputs: { type: "object", properties: { topic: { type: "string", default: "night buses" } } },
  });
  gateway.use(
    http.get("*/v1/models", () => HttpResponse.json({ items: models })),
    http.post("*/v1/models", async ({ request }) => {
      const { name, model, base_url } = (await request.json()) as SaveModel;
      const own = { id: "0190-model-9", source: "workspace" as const };
      const made: Model = { ...MODEL, ...own, name, model, base_url };
      models.push(made);
      return HttpResponse.json(made, { status: 201 });
    }),
    http.post("*/v1/models/:id/test", () =>
      HttpResponse.json({
        ok: true,
        answer: "Hello",
        message: "",
        code: null,
        duration_ms: 210,
        tokens: 12,
      }),
    ),
    http.post("*/v1/workflows", async ({ request }) => {
      const { source } = (await request.json()) as SaveWorkflow;
      return HttpResponse.json(gateway.addWorkflow(source), { status: 201 });
    }),
  );
  gateway.runs.onStart = ({ id }) => {
    gateway.runs.add(id, THREE_STEPS, goodRun(id).events, {
      workflow: { id: "0190-workflow-1", name: "city-brief" },
      inputs: { topic: "night buses" },
    });
  };
}

test("leads from nothing over a model to a run, and shows around once @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  fresh(gateway, []);
  await page.goto("/");
  const begin = page.getByRole("region", { name: "Begin in three steps" });
  await expect(begin.getByText(/There is no model yet/)).toBeVisible();
  await expect(begin.getByRole("button", { name: "Run the sample" })).toBeDisabled();
  await accessible(page);
  await begin.getByRole("button", { name: "Add a model" }).click();
  const dialog = page.getByRole("dialog", { name: "Add model" });
  await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("small");
  await dialog.getByRole("textbox", { name: /Address/ }).fill("http://models.local/v1");
  await dialog.getByRole("textbox", { name: "Model", exact: true }).fill("qwen3-14b");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(begin.getByText("Steps are answered by qwen3-14b (models.local).")).toBeVisible();
  await begin.getByRole("button", { name: "Test call to small" }).click();
  await expect(begin.getByText("Answers", { exact: true })).toBeVisible();

  await begin.getByRole("button", { name: "Run the sample" }).click();
  await expect(page).toHaveURL(/\/runs\/0190-started-1$/);
  expect(gateway.runs.started[0]).toMatchObject({ inputs: { topic: "night buses" } });
  const mark = page.getByRole("dialog", { name: "Around this page" });
  await expect(mark).toContainText("1 of 3");
  await expect(mark.getByRole("button", { name: "Next" })).toBeFocused();
  await accessible(page);
  await page.keyboard.press("Enter");
  await expect(mark).toContainText("2 of 3");
  await page.keyboard.press("Enter");
  await expect(mark).toContainText("3 of 3");
  const box = await mark.boundingBox();
  expect(box && box.y >= 0 && box.y + box.height <= 860 && box.x + box.width <= 1360).toBe(true);
  await page.keyboard.press("Enter");
  await expect(mark).toHaveCount(0);
  await expect.poll(() => gateway.wishes.kept.seen).toEqual(["run-marks"]);
  // The next one is an ordinary run.
  await page.goto("/");
  await begin.getByRole("button", { name: "Run the sample" }).click();
  await expect(page).toHaveURL(/\/runs\/0190-started-2$/);
  await expect(page.getByRole("application", { name: "Workflow canvas" })).toBeVisible();
  await expect(mark).toHaveCount(0);
});

test("is not shown again to who has said so, nor to who may start nothing", async ({
  page,
  gateway,
  accessible,
}) => {
  fresh(gateway, [MODEL]);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  await expect(page.getByText("Steps are answered by qwen3-14b (models.local).")).toBeVisible();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  expect(await wide()).toBeLessThanOrEqual(360);
  await page.getByRole("button", { name: "Do not show this again" }).click();
  await expect(page.getByRole("heading", { name: "Welcome to your workspace" })).toBeVisible();
  await expect.poll(() => gateway.wishes.kept.seen).toEqual(["first-steps"]);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Welcome to your workspace" })).toBeVisible();
  gateway.wishes.kept = { ...gateway.wishes.kept, seen: [] };
  gateway.me = { ...gateway.me, permissions: ["workflows:read", "runs:read"] };
  await page.reload();
  await expect(page.getByRole("heading", { name: "Welcome to your workspace" })).toBeVisible();
  await accessible(page);
});
