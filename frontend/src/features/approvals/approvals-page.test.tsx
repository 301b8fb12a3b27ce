// @vitest-environment jsdom
/** The inbox: its states, decisions by keyboard, who was first, and who may not decide. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const LIMIT = { timeout: 10_000 };
const FORM = { type: "object", properties: { amount: { type: "integer", title: "Amount" } } };
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "approvals:read", "approvals:decide"] };
  server = gateway.listen();
});
afterEach(() => server.close());

const detail = () => screen.findByRole("region", { name: "What is asked" }, LIMIT);

it("lists what waits, counts it in the navigation and shows what is asked", async () => {
  gateway.desk.addApproval({
    title: "Pay the invoice?",
    message: "To **Acme**, see [terms](https://acme.example/t) ![x](https://acme.example/x.png)",
    values: { amount: 5 },
    expires_at: new Date(Date.now() + 30 * 60_000).toISOString(),
  });
  gateway.desk.addApproval();
  await renderAt("/approvals");
  const shown = within(await detail());
  expect(await shown.findByRole("heading", { name: "Pay the invoice?" }, LIMIT)).toBeVisible();
  expect((await shown.findByText("Acme", {}, LIMIT)).tagName).toBe("STRONG");
  expect(shown.queryByRole("img")).toBeNull();
  expect(shown.getByText(/"amount": 5/)).toBeVisible();
  expect(shown.getByText(/^Due in 30 min/)).toBeVisible();
  expect(screen.getByRole("link", { name: "Approvals 2 waiting" })).toBeVisible();
  expect(shown.queryByRole("button", { name: /Edit/ })).toBeNull();
}, 20_000);

it("walks and decides by keyboard, with a comment", async () => {
  gateway.desk.addApproval({ title: "First" });
  const second = gateway.desk.addApproval({ title: "Second" });
  await renderAt("/approvals");
  const row = await screen.findByRole("link", { name: /First/ }, LIMIT);
  row.focus();
  await userEvent.keyboard("j");
  expect(await screen.findByRole("heading", { name: "Second" }, LIMIT)).toBeVisible();
  await userEvent.keyboard("r");
  await userEvent.type(await screen.findByRole("textbox", { name: "Comment" }), "Not so{Enter}");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  expect(await screen.findByText(/ada@example.org rejected/, {}, LIMIT)).toBeVisible();
  expect(gateway.desk.decisions).toEqual([
    { id: second.id, decision: "reject", comment: "Not so" },
  ]);
  await userEvent.keyboard("k");
  expect(await screen.findByRole("heading", { name: "First" }, LIMIT)).toBeVisible();
}, 20_000);

it("edits with the form of the item", async () => {
  const allow = ["approve", "edit", "reject"];
  gateway.desk.addApproval({ allow, form: FORM, values: { amount: 5, to: "Acme" } });
  await renderAt("/approvals");
  await userEvent.click(await screen.findByRole("button", { name: /Edit and approve/ }, LIMIT));
  const amount = await screen.findByRole("textbox", { name: "Amount" }, LIMIT);
  await userEvent.clear(amount);
  await userEvent.type(amount, "7");
  await userEvent.click(screen.getByRole("button", { name: "Approve with changes" }));
  expect(await screen.findByText(/changed and approved/, {}, LIMIT)).toBeVisible();
  expect(gateway.desk.decisions[0]?.data).toEqual({ amount: 7, to: "Acme" });
}, 20_000);

it("says who was first when somebody was", async () => {
  const item = gateway.desk.addApproval();
  await renderAt("/approvals");
  await userEvent.click(await screen.findByRole("button", { name: /^Approve/ }, LIMIT));
  gateway.desk.decide(item.id, "bob@example.org", { decision: "reject" });
  await userEvent.click(screen.getByRole("button", { name: "Approve now" }));
  const alert = await screen.findByRole("alert", { name: /Somebody was first/ }, LIMIT);
  expect(alert).toHaveTextContent("bob@example.org rejected");
  expect(gateway.desk.decisions).toEqual([]);
}, 20_000);

it("lets a viewer read and not decide", async () => {
  gateway.me = { ...ME, role: "viewer", permissions: ["approvals:read"] };
  gateway.desk.addApproval();
  await renderAt("/approvals");
  const approve = await screen.findByRole("button", { name: /^Approve/ }, LIMIT);
  expect(approve).toBeDisabled();
  expect(screen.getByText("Your role may read this, not decide it.")).toBeVisible();
  screen.getByRole("link", { name: /Publish/ }).focus();
  await userEvent.keyboard("a");
  expect(screen.queryByRole("textbox", { name: "Comment" })).toBeNull();
}, 20_000);

it("says so when nothing waits", async () => {
  await renderAt("/approvals");
  const title = { name: "Nothing waits for you" };
  expect(await screen.findByRole("heading", title, LIMIT)).toBeVisible();
}, 20_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/approvals", () => problem(403, "Not allowed")));
  await renderAt("/approvals");
  expect(await screen.findByText("Request trace-1", {}, LIMIT)).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
}, 20_000);
