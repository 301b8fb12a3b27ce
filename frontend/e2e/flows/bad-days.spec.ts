/** Days on which something is wrong: each has a state of its own, loses no work and runs nobody's script (flows 25, 31). */
import type { Page } from "@playwright/test";
import { delay, HttpResponse, http } from "msw";
import type { ClientError } from "@/api/generated";
import { problem } from "@/testing/fake-gateway";
import { HOSTILE_TEXTS as HOSTILE } from "@/testing/hostile-texts";
import { expect, test } from "../fixtures";
import { RunScript } from "../gateway/run-script";
import { furnish, THREE_STEPS } from "../gateway/world";

test("says that the server is down, and goes on when it is back", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  gateway.isDown = true;
  await page.goto("/workflows");
  await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
  await accessible(page);
  gateway.isDown = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("link", { name: "City brief" })).toBeVisible();
});

test("asks to sign in over the page when the session has ended", async ({
  page,
  gateway,
  accessible,
}) => {
  const { run } = furnish(gateway);
  await page.goto(`/runs/${run}?step=steps.brief`);
  await expect(page.getByRole("tab", { name: "Output" })).toBeVisible();
  gateway.isSignedIn = false;
  gateway.use(
    http.post("*/v1/runs/:id/save-as-test", () =>
      gateway.isSignedIn ? undefined : problem(401, "Not signed in", "/problems/unauthenticated"),
    ),
  );
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Save as test" }).click();
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await expect(dialog).toBeVisible();
  await accessible(page);
  await dialog.getByRole("textbox", { name: "Password" }).fill("a long password");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/step=steps\.brief/);
  await expect(page.getByRole("tab", { name: "Output" })).toBeVisible();
});

test("draws what is to come while the network is slow", async ({ page, gateway }) => {
  furnish(gateway);
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  gateway.use(
    http.get("*/v1/workflows", async () => {
      await Promise.race([gate, delay("infinite")]);
      return undefined;
    }),
  );
  await page.goto("/workflows");
  await expect(page.locator(".mantine-Skeleton-root").first()).toBeVisible();
  release();
  await expect(page.getByRole("link", { name: "City brief" })).toBeVisible();
});

test("shows a failure with its number and a way on", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  gateway.use(http.get("*/v1/runs", () => problem(403, "Not allowed", "/problems/forbidden")));
  await page.goto("/runs");
  await expect(page.getByText("Request trace-1")).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await accessible(page);
});

test("understands a refusal of the proxy that is no problem document", async ({
  page,
  gateway,
}) => {
  furnish(gateway);
  gateway.use(
    http.get("*/v1/runs", () =>
      HttpResponse.json({ message: "no Route matched" }, { status: 404 }),
    ),
  );
  await page.goto("/runs");
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
});

async function expectUnharmed(page: Page): Promise<void> {
  expect(await page.evaluate(() => "pwned" in globalThis), "a script ran").toBe(false);
  await expect(page.locator("#root")).toHaveCount(1);
}

test("shows 200 hostile texts as text, wherever they come from", async ({ page, gateway }) => {
  furnish(gateway);
  const all = HOSTILE.join("\n\n");
  const script = new RunScript("0190-hostile")
    .run("run.started.v1", "running")
    .starts("facts", { agent: "research" });
  for (const channel of ["thinking", "tools", "answer"])
    script.says("facts", all, { channel, piece: 4_000 });
  for (const text of HOSTILE.slice(0, 40))
    script.calls("facts", text, { kind: "tool", arguments_preview: text });
  script.ends("facts", { text: all }).starts("brief").fails("brief", "upstream", all);
  script.finishes(null, "failed", { code: "upstream", message: all, step: "brief" });
  gateway.runs.add("0190-hostile", THREE_STEPS, script.events, { inputs: { topic: all } });
  await page.goto("/runs/0190-hostile?step=steps.facts");
  await expect(page.getByRole("log")).toContainText("evil.example");
  for (const tab of ["Input", "Output", "Calls"]) {
    await page.getByRole("tab", { name: tab }).click();
    await expect(page.getByRole("tabpanel")).not.toBeEmpty();
    await expectUnharmed(page);
  }
  await page.locator('[id="steps.brief"]').click();
  await expect(page.getByRole("alert").first()).toContainText("evil.example");
  await expectUnharmed(page);
});

test("shows hostile names and questions as text", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.workflows.clear();
  gateway.desk.approvals.clear();
  for (const text of HOSTILE.slice(0, 60)) {
    gateway.addWorkflow("", { title: text, name: "hostile" });
    gateway.desk.addNotification({ title: text, body: text });
  }
  gateway.desk.addApproval({ title: HOSTILE[1] ?? "", message: HOSTILE.join("\n\n") });
  await page.goto("/workflows");
  await expect(page.getByRole("row").nth(10)).toBeVisible();
  await expectUnharmed(page);
  await page.getByRole("button", { name: /Notifications/ }).click();
  await expect(page.getByRole("dialog")).toContainText("onerror");
  await expectUnharmed(page);
  await page.goto("/approvals");
  await expect(page.getByText("evil.example").first()).toBeVisible();
  await expectUnharmed(page);
});

test("tells the gateway that something broke, without a word that anybody wrote", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  const told: ClientError[] = [];
  gateway.use(
    http.post("*/v1/client-errors", async ({ request }) => {
      told.push((await request.json()) as ClientError);
      return HttpResponse.json({ id: "0190-report" }, { status: 202 });
    }),
  );
  await page.goto(`/workflows/${workflow}`);
  await expect(page.getByRole("application", { name: "Workflow canvas" })).toBeVisible();
  await page.keyboard.press("?");
  await page.keyboard.press("Escape");
  await page.evaluate(() => {
    for (let time = 0; time < 3; time += 1) {
      const error = new TypeError('cannot read "canary" of Ada');
      dispatchEvent(new ErrorEvent("error", { error }));
    }
  });
  await expect.poll(() => told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    kind: "error",
    message: "TypeError: cannot read … of Ada",
    page: "/workflows/:id",
    commands: ["keys"],
    count: 1,
  });
  expect(told[0]?.release).toMatch(/^index-.+\.js$/);
  expect(JSON.stringify(told)).not.toContain("canary");
  expect(JSON.stringify(told)).not.toContain(workflow);
  // Who works goes on.
  await expect(page.getByRole("button", { name: "Publish", exact: true })).toBeEnabled();
  await accessible(page);
});
