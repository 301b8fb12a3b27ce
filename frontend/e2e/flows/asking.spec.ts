/** Questions of runs where they are asked, what they may come to, and how workflows have failed before. */
import { HttpResponse, http } from "msw";
import { expect, test } from "../fixtures";
import { RunScript } from "../gateway/run-script";
import { furnish } from "../gateway/world";

const AT = "2026-03-07T11:00:00Z";

test("answers a question of a run inside the conversation", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  gateway.talks.isSlow = true;
  const talk = gateway.talks.add("Night buses", []);
  await page.goto(`/chat/${talk}`);
  const message = page.getByRole("textbox", { name: "Message" });
  await message.fill("Cut line N7.");
  await page.keyboard.press("Enter");
  await expect(message).toHaveValue("");
  const runId = gateway.talks.last(talk)?.run_id ?? "";
  const item = gateway.desk.addApproval({
    run_id: runId,
    kind: "rule",
    title: "Change the timetable?",
    values: { line: "N7", action: "cut" },
  });
  const script = new RunScript(runId, Date.now())
    .run("run.started.v1", "running")
    .starts("answer", { agent: "research" })
    .asks("answer", item);
  gateway.runs.add(runId, "", [...script.events]);
  const asked = page.getByRole("region", { name: "What is asked" });
  await expect(asked.getByRole("heading", { name: "Change the timetable?" })).toBeVisible();
  await expect(asked).toContainText("a rule of the workspace stopped this call");
  await expect(asked).toContainText('"line": "N7"');
  await accessible(page);
  // A letter belongs to who writes, wherever the focus is.
  await page.locator("body").press("a");
  await expect(asked.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
  await asked.getByRole("button", { name: "Reject" }).click();
  await asked.getByRole("textbox", { name: "Comment" }).fill("Shifts end at two.");
  await asked.getByRole("button", { name: "Reject now" }).click();
  await expect(asked).toContainText(/rejected/);
  expect(gateway.desk.decisions).toEqual([
    { id: item.id, decision: "reject", comment: "Shifts end at two." },
  ]);
  await accessible(page);
});

test("lists how a workflow has failed, and what helped", async ({ page, gateway, accessible }) => {
  const { workflow, failed } = furnish(gateway);
  const failure = {
    code: "upstream",
    message: "The model provider answered 503.",
    signature: "upstream brief",
    step: "brief",
    seen: 4,
    first_seen: "2026-03-01T10:00:00Z",
    last_seen: "2026-03-07T10:00:00Z",
    last_run_id: failed,
    workflow_id: workflow,
    remedies: [{ kind: "retry", runs: 3, last_run_id: "0190-run-1", last_version: 2, last_at: AT }],
  };
  let items = [failure];
  gateway.use(http.get("*/v1/workflows/:id/failures", () => HttpResponse.json({ items })));
  await page.goto("/workflows");
  await page.getByRole("button", { name: "Actions for City brief" }).click();
  await page.getByRole("menuitem", { name: "Known failures" }).click();
  await expect(page).toHaveURL(new RegExp(`/workflows/${workflow}/failures$`));
  const list = page.getByRole("list", { name: "Known failures" });
  await expect(list).toContainText("The model provider answered 503.");
  await expect(list).toContainText("3 times a retry of the run succeeded next");
  await expect(list.getByRole("link", { name: "last run", exact: true })).toHaveAttribute(
    "href",
    `/runs/${failed}`,
  );
  await accessible(page);
  items = [];
  await page.reload();
  await expect(page.getByRole("heading", { name: "It has never failed" })).toBeVisible();
  await accessible(page);
});
