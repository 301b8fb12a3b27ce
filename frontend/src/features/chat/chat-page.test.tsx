// @vitest-environment jsdom
/** Chat: beginning, answers with sources, branches, another answer, attachments, and refusals. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const LIMIT = { timeout: 20_000 };
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "runs:start", "memory:write"] };
  server = gateway.listen();
});
afterEach(() => server.close());

const messages = () => screen.findByRole("list", { name: "Messages" }, LIMIT);
async function say(text: string) {
  await userEvent.type(await screen.findByRole("textbox", { name: "Message" }, LIMIT), text);
  await userEvent.keyboard("{Enter}");
}

it("begins a conversation with an agent and shows its answer with the source", async () => {
  await renderAt("/chat/new");
  await userEvent.click(await screen.findByRole("switch", { name: /Draw on knowledge/ }, LIMIT));
  await userEvent.click(screen.getByRole("button", { name: "Begin" }));
  gateway.talks.answer = { text: "**Bearings** [1].", source: "turbine.pdf" };
  await say("What is old?");
  const shown = within(await messages());
  expect((await shown.findByText("Bearings", {}, LIMIT)).tagName).toBe("STRONG");
  await userEvent.click(shown.getByText("1 source"));
  expect(shown.getByRole("link", { name: "turbine.pdf" })).toBeVisible();
  expect(shown.getByRole("link", { name: "Open the run" })).toHaveAttribute(
    "href",
    expect.stringMatching(/^\/runs\//),
  );
  expect(gateway.talks.begun[0]?.memory?.enabled).toBe(true);
}, 60_000);

it("says something differently in a branch, and goes back", async () => {
  const id = gateway.talks.add("Numbers", ["one", "1"]);
  await renderAt(`/chat/${id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Say it differently" }, LIMIT));
  const edit = screen.getByRole("textbox", { name: "Your message" });
  await userEvent.clear(edit);
  await userEvent.type(edit, "eins");
  gateway.talks.answer = { text: "I" };
  await userEvent.click(screen.getByRole("button", { name: "Send again" }));
  const shown = within(await messages());
  expect(await shown.findByText("I", {}, LIMIT)).toBeVisible();
  expect(shown.queryByText("one")).toBeNull();
  await userEvent.click(shown.getByRole("button", { name: "Earlier branch" }));
  expect(await shown.findByText("one", {}, LIMIT)).toBeVisible();
}, 60_000);

it("asks for another answer beside the first", async () => {
  const id = gateway.talks.add("Numbers", ["one", "1"]);
  await renderAt(`/chat/${id}`);
  gateway.talks.answer = { text: "uno" };
  await userEvent.click(await screen.findByRole("button", { name: "Another answer" }, LIMIT));
  const shown = within(await messages());
  expect(await shown.findByText("uno", {}, LIMIT)).toBeVisible();
  expect(shown.getByText("2 of 2")).toBeVisible();
}, 60_000);

it("attaches a file to a message", async () => {
  const id = gateway.talks.add("Numbers", []);
  await renderAt(`/chat/${id}`);
  const attach = await screen.findByRole("button", { name: "Attach a file" }, LIMIT);
  const input = attach.parentElement?.querySelector("input[type=file]") as HTMLInputElement;
  await userEvent.upload(input, new File(["x"], "plan.txt", { type: "text/plain" }));
  expect(await screen.findByText("plan.txt", {}, LIMIT)).toBeVisible();
  await say("Read it");
  await within(await messages()).findByText("Read it", {}, LIMIT);
  expect(gateway.talks.sent[0]?.attachments).toHaveLength(1);
}, 60_000);

it("keeps what one wrote when it is refused", async () => {
  const id = gateway.talks.add("Numbers", []);
  server.use(
    http.post("*/v1/conversations/:id/messages", () => problem(409, "An answer is being given")),
  );
  await renderAt(`/chat/${id}`);
  await say("Hello");
  expect(await screen.findByText("An answer is being given.", {}, LIMIT)).toBeVisible();
  expect(screen.getByRole("textbox", { name: "Message" })).toHaveValue("Hello");
}, 60_000);

it("tells why there is no answer and what was stopped", async () => {
  const id = gateway.talks.add("Numbers", ["one", "half"], { status: "stopped" });
  await renderAt(`/chat/${id}`);
  const shown = within(await messages());
  expect(await shown.findByText("Stopped.", {}, LIMIT)).toBeVisible();
  expect(shown.getByText("half")).toBeVisible();
}, 60_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/conversations/:id", () => problem(404, "Conversation not found")));
  await renderAt("/chat/0190-gone");
  expect(await screen.findByText("Request trace-1", {}, LIMIT)).toBeVisible();
}, 60_000);
