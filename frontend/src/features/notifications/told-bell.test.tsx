// @vitest-environment jsdom
/** Bell and navigation over a real socket server: told instead of asked for, asked for again when it is away. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http, passthrough } from "msw";
import { Server } from "socket.io";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { forgetToken, keepToken } from "@/api/access-token";
import { api } from "@/api/generated";
import { followSession } from "@/app/listeners";
import { theSocket } from "@/realtime/socket";
import { FakeGateway, ME } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const address = vi.hoisted(() => ({ url: "" }));
// Only where the server is: the page has no origin of its own here.
vi.mock("socket.io-client", async (original) => {
  const real = await original<typeof import("socket.io-client")>();
  return { ...real, io: (options: object) => real.io(address.url, options) };
});

const LIMIT = { timeout: 15_000 };
const STREAM = `user:${ME.user.id}`;
const issued = { access_token: "token", expires_in: 300, user: ME.user };
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
let web: HttpServer;
let sockets: Server;
let close: () => void;
let asked: string[];
let approvals: number;
let seq: number;

const state = () => ({ ...gateway.desk.waiting(), approvals });

function tell() {
  seq += 1;
  const at = new Date().toISOString();
  const event = { stream: STREAM, epoch: 1, seq, at, type: "person.changed.v1", data: state() };
  sockets.to(STREAM).emit("event", event);
}

const asks = (path: string) => asked.filter((one) => one.endsWith(path)).length;

// One server for all: the page has one socket as long as it lives.
beforeAll(async () => {
  web = createServer();
  sockets = new Server(web);
  sockets.on("connection", (socket) => {
    socket.on("subscribe", ({ stream }: { stream: string }, answer: (body: object) => void) => {
      void socket.join(stream);
      answer({ ok: true, cursor: `1:${seq}`, snapshot: state(), truncated: false });
    });
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  address.url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(() => sockets.close());
beforeEach(() => {
  [asked, approvals, seq] = [[], 0, 0];
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "approvals:read"] };
  server = gateway.listen();
  server.use(http.all("*/socket.io/*", () => passthrough()));
  server.events.on("request:start", ({ request }) => {
    asked.push(new URL(request.url).pathname);
  });
});
afterEach(() => {
  close();
  forgetToken();
  server.close();
});

async function opened() {
  const drawn = await renderAt("/workflows");
  const unfollow = followSession(drawn.store);
  close = () => {
    unfollow();
    drawn.unmount();
    drawn.store.dispatch(api.util.resetApiState());
  };
  await waitFor(() => expect(sockets.sockets.adapter.rooms.has(STREAM)).toBe(true), LIMIT);
  return drawn;
}

it("shows what is told without asking, over changes of the page, and asks when the line is away", async () => {
  const { router } = await opened();
  const before = asked.length;
  gateway.desk.addNotification({ title: "Night report failed" });
  approvals = 3;
  tell();
  await screen.findByRole("button", { name: "Notifications 1 unread" }, LIMIT);
  expect(screen.getByRole("link", { name: /Approvals.*3/ })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Notifications 1 unread" }));
  const panel = within(await screen.findByRole("dialog", {}, LIMIT));
  expect(await panel.findByText("Night report failed", {}, LIMIT)).toBeVisible();
  expect(panel.getByRole("button", { name: "Mark as read: Night report failed" })).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await act(() => router.navigate("/templates"));
  await act(() => router.navigate("/workflows"));
  expect(asked.slice(before).filter((one) => /notifications|approvals/.test(one))).toEqual([]);

  gateway.desk.notifications = [];
  approvals = 100;
  tell();
  expect(await screen.findByRole("button", { name: "Notifications" }, LIMIT)).toBeVisible();
  expect(screen.getByRole("link", { name: /Approvals.*100\+/ })).toBeVisible();

  vi.useFakeTimers({ toFake: ["setInterval", "setTimeout", "clearTimeout", "clearInterval"] });
  (await theSocket()).disconnect();
  expect(screen.getByRole("link", { name: /Approvals.*100\+/ })).toBeVisible();
  gateway.desk.addNotification({ title: "While it was away" });
  await act(() => vi.advanceTimersByTimeAsync(21_000));
  vi.useRealTimers();
  expect(
    await screen.findByRole("button", { name: "Notifications 1 unread" }, LIMIT),
  ).toBeVisible();
  expect(asks("/v1/notifications")).toBe(2);
  expect(await screen.findByRole("link", { name: "Approvals" }, LIMIT)).toBeVisible();
}, 60_000);

it("ends with the session, and goes on with the next one of the same person", async () => {
  await opened();
  gateway.isSignedIn = false;
  act(() => forgetToken());
  await waitFor(() => expect(sockets.sockets.sockets.size).toBe(0), LIMIT);
  expect(sockets.sockets.adapter.rooms.has(STREAM)).toBe(false);
  gateway.isSignedIn = true;
  act(() => keepToken(issued));
  await waitFor(() => expect(sockets.sockets.adapter.rooms.has(STREAM)).toBe(true), LIMIT);
}, 60_000);

it("is never told what is another person's", async () => {
  await opened();
  const bob = { id: "0190-bob", email: "bob@example.org" };
  gateway.me = { ...gateway.me, user: bob };
  server.use(http.post("*/v1/auth/refresh", () => HttpResponse.json({ ...issued, user: bob })));
  act(() => keepToken({ ...issued, user: bob }));
  await waitFor(() => expect(sockets.sockets.adapter.rooms.has("user:0190-bob")).toBe(true), LIMIT);
  expect(sockets.sockets.adapter.rooms.has(STREAM)).toBe(false);
}, 60_000);
