// @vitest-environment jsdom
/** The bell: how many are unread, where each leads, marking, its states. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const LIMIT = { timeout: 10_000 };
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  server = gateway.listen();
});
afterEach(() => server.close());

async function openBell(name: string) {
  await userEvent.click(await screen.findByRole("button", { name }, LIMIT));
  return within(await screen.findByRole("dialog", {}, LIMIT));
}

it("counts what is unread and leads to what it is about", async () => {
  gateway.me = { ...ME, permissions: [...ME.permissions, "approvals:read"] };
  gateway.desk.addNotification({ body: "The step took too long." });
  const item = gateway.desk.addApproval({ title: "Pay?" });
  const kind = "approval_requested";
  gateway.desk.addNotification({ kind, title: "Pay? waits", details: { id: item.id } });
  const { router } = await renderAt("/workflows");
  const panel = await openBell("Notifications 2 unread");
  expect(await panel.findByText("The step took too long.", {}, LIMIT)).toBeVisible();
  await userEvent.click(panel.getByRole("link", { name: "Pay? waits" }));
  expect(
    await screen.findByRole("button", { name: "Notifications 1 unread" }, LIMIT),
  ).toBeVisible();
  await waitFor(() => expect(router.state.location.pathname).toBe("/approvals"), LIMIT);
  expect(await screen.findByRole("heading", { name: "Pay?" }, LIMIT)).toBeVisible();
  expect(screen.queryByRole("dialog")).toBeNull();
}, 20_000);

it("marks one, back again, and all", async () => {
  gateway.desk.addNotification({ title: "First" });
  gateway.desk.addNotification({ title: "Second" });
  await renderAt("/workflows");
  const panel = await openBell("Notifications 2 unread");
  await userEvent.click(await panel.findByRole("button", { name: "Mark as read: First" }, LIMIT));
  const back = await panel.findByRole("button", { name: "Mark as unread: First" }, LIMIT);
  expect(gateway.desk.notifications.map((one) => one.read_at !== null)).toEqual([true, false]);
  await userEvent.click(back);
  expect(await panel.findByRole("button", { name: "Mark as read: First" }, LIMIT)).toBeVisible();
  const all = panel.getByRole("button", { name: "Mark all as read" });
  await userEvent.click(all);
  await waitFor(() => expect(all).toBeDisabled(), LIMIT);
  expect(gateway.desk.notifications.every((one) => one.read_at !== null)).toBe(true);
}, 20_000);

it("says what went wrong when marking fails", async () => {
  gateway.desk.addNotification();
  server.use(http.post("*/v1/notifications/read", () => problem(403, "Not allowed")));
  await renderAt("/workflows");
  const panel = await openBell("Notifications 1 unread");
  await userEvent.click(await panel.findByRole("button", { name: "Mark all as read" }, LIMIT));
  expect(await panel.findByRole("alert", {}, LIMIT)).toHaveTextContent("Not allowed");
  expect(screen.getByRole("button", { name: "Notifications 1 unread" })).toBeVisible();
}, 20_000);

it("says so when there is nothing, and closes by Escape", async () => {
  await renderAt("/workflows");
  const panel = await openBell("Notifications");
  expect(await panel.findByRole("heading", { name: "Nothing new" }, LIMIT)).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull(), LIMIT);
}, 20_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/notifications", () => problem(403, "Not allowed")));
  await renderAt("/workflows");
  const panel = await openBell("Notifications");
  expect(await panel.findByText("Request trace-1", {}, LIMIT)).toBeVisible();
  expect(panel.getByRole("button", { name: "Try again" })).toBeVisible();
}, 20_000);
