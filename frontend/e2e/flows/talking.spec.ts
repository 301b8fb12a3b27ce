/** Conversations: answers as they come, stopped, asked again in branches, with tools and files, and 500 messages (flow 24). */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { E2eGateway } from "../gateway/gateway";
import { RunScript } from "../gateway/run-script";

const STEP = "answer";
const TEXT =
  "The **N3** stays. It carries one in nine passengers of the night, and nobody else goes there.";

/** Begin the run behind the newest answer, with a tool that it calls first. */
function beginAnswer(gateway: E2eGateway, talk: string): RunScript {
  const runId = gateway.talks.last(talk)?.run_id;
  if (!runId) throw new Error("nothing is being answered");
  const script = new RunScript(runId, Date.now())
    .run("run.started.v1", "running")
    .starts(STEP, { agent: "research" })
    .calls(STEP, "memory.search", {
      kind: "tool",
      arguments_preview: '{"query": "night buses"}',
      duration_ms: 84,
    });
  gateway.runs.add(runId, "", [...script.events]);
  return script;
}

/** Let a run say more. */
function say(gateway: E2eGateway, script: RunScript, text: string): void {
  goOn(gateway, script, () => script.says(STEP, text));
}

function goOn(gateway: E2eGateway, script: RunScript, more: () => void): void {
  const known = script.events.length;
  more();
  gateway.streams.append(`run:${script.runId}`, ...script.events.slice(known));
}

async function open(page: Page, talk: string) {
  await page.goto(`/chat/${talk}`);
  const messages = page.getByRole("list", { name: "Messages" });
  const message = page.getByRole("textbox", { name: "Message" });
  await expect(message).toBeVisible();
  return {
    answers: messages.getByRole("listitem", { name: "Answer" }),
    mine: messages.getByRole("listitem", { name: "You" }),
    send: async (text: string) => {
      await message.fill(text);
      await page.keyboard.press("Enter");
      await expect(message).toHaveValue("");
    },
  };
}

test("shows an answer with its tools as it comes, and keeps what was said when it is stopped", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.talks.isSlow = true;
  const talk = gateway.talks.add("Night buses", []);
  const { answers, send } = await open(page, talk);
  await send("Which line should stay?");
  await expect(answers).toContainText("Is answering");
  const whole = beginAnswer(gateway, talk);
  const tools = answers.getByRole("list", { name: "Tools that were called" });
  await expect(tools.getByRole("listitem")).toContainText(/memory\.search 0\.1 s.*night buses/);
  say(gateway, whole, TEXT.slice(0, 30));
  await expect(answers).toContainText("The N3 stays.");
  await expect(answers).not.toContainText("nobody else");
  await accessible(page);
  say(gateway, whole, TEXT.slice(30));
  gateway.talks.end(gateway.talks.last(talk)?.id ?? "", { text: TEXT });
  goOn(gateway, whole, () => whole.ends(STEP, TEXT).finishes({ text: TEXT }));
  await expect(answers.getByRole("button", { name: "Stop" })).toHaveCount(0);
  await expect(answers).toContainText("nobody else goes there.");

  await send("And the second best?");
  const part = beginAnswer(gateway, talk);
  say(gateway, part, "Then comes N7, which");
  const second = answers.nth(1);
  await expect(second).toContainText("Then comes N7, which");
  await second.getByRole("button", { name: "Stop" }).click();
  await expect(second).toContainText("Stopped.");
  await expect(second).toContainText("Then comes N7, which");
  await page.reload();
  await expect(second).toContainText("Stopped.");
  await expect(second).toContainText("Then comes N7, which");
  await expect(answers.first()).toContainText("nobody else goes there.");
  // The tools of an answer are told as long as it is there.
  await answers.first().getByText("Tools that were called").click();
  await expect(tools.first().getByRole("listitem")).toContainText("memory.search");
  await accessible(page);
});

test("asks differently in a branch, answers again, and finds back", async ({
  page,
  gateway,
  accessible,
}) => {
  const talk = gateway.talks.add("Numbers", ["Say one", "1", "Say two", "2"]);
  const { answers, mine } = await open(page, talk);
  await expect(answers).toHaveText([/^1/, /^2/]);
  await mine.first().getByRole("button", { name: "Say it differently" }).click();
  const edit = page.getByRole("textbox", { name: "Your message" });
  await expect(edit).toBeFocused();
  await edit.fill("Say eins");
  gateway.talks.answer = { text: "eins" };
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(answers).toHaveText([/^eins/]);
  await expect(mine.first()).toContainText("2 of 2");
  await accessible(page);

  gateway.talks.answer = { text: "ein" };
  await answers.first().getByRole("button", { name: "Another answer", exact: true }).click();
  await expect(answers).toHaveText([/^ein(?!s)/]);
  await answers.first().getByRole("button", { name: "Earlier branch" }).click();
  await expect(answers).toHaveText([/^eins/]);
  // The first question still has its own answers below it.
  await mine.first().getByRole("button", { name: "Earlier branch" }).click();
  await expect(mine).toHaveText([/^Say one/, /^Say two/]);
  await expect(answers).toHaveText([/^1/, /^2/]);
  await page.reload();
  await expect(mine.first()).toContainText("2 of 2");
  await expect(answers).toHaveText([/^ein(?!s)/]);
  await accessible(page);
});

test("takes a file along with a message", async ({ page, gateway, accessible }) => {
  const talk = gateway.talks.add("Numbers", []);
  const { answers, send } = await open(page, talk);
  gateway.library.arriving = { collection: "attachments", name: "lines.csv" };
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach a file" }).click();
  const upload = page.waitForRequest("**/v1/documents");
  await (await chooser).setFiles({
    name: "lines.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("line,passengers\nN3,120\n"),
  });
  expect((await upload).headers()["content-type"]).toContain("multipart/form-data");
  await expect(page.getByText("lines.csv")).toBeVisible();
  await accessible(page);
  gateway.talks.answer = { text: "120 passengers." };
  await send("How many?");
  await expect(answers).toContainText("120 passengers.");
  expect(gateway.talks.sent[0]?.attachments).toHaveLength(1);
  await expect(page.getByRole("button", { name: "Remove lines.csv" })).toHaveCount(0);
});

const MANY = 500;

test("opens 500 messages at their end, and draws those that are looked at", async ({
  page,
  gateway,
}) => {
  const said = Array.from({ length: MANY }, (_, n) =>
    n % 2 === 0 ? `Question ${n + 1}` : `**Answer ${n + 1}**\n\n- one\n- two\n\n\`code\``,
  );
  const talk = gateway.talks.add("A long one", said);
  const { answers, mine, send } = await open(page, talk);
  await expect(answers.filter({ hasText: `Answer ${MANY}` })).toBeInViewport();
  expect(await drawnItems(page)).toBeLessThan(60);
  gateway.talks.answer = { text: "The last word." };
  await send("One more");
  await expect(answers.filter({ hasText: "The last word." })).toBeInViewport();

  await answers.last().hover();
  const first = mine.filter({ hasText: /^Question 1$/ });
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, -6_000);
      return (await first.boundingBox())?.y ?? -1;
    })
    .toBeGreaterThan(0);
  // Who looks further up stays there while the list grows.
  await expect(first).toBeInViewport();
  expect(await drawnItems(page)).toBeLessThan(60);
});

/** How many messages Chromium lays out and paints. */
function drawnItems(page: Page): Promise<number> {
  return page
    .getByRole("list", { name: "Messages" })
    .evaluate(
      (list) =>
        [...list.children].filter((one) =>
          [...one.children].some((part) => part.checkVisibility({ contentVisibilityAuto: true })),
        ).length,
    );
}
