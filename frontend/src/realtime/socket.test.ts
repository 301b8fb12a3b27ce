// @vitest-environment jsdom
/** What a session leaves behind: a real socket server sees who is connected, and with whose token. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpResponse, http, passthrough } from "msw";
import { setupServer } from "msw/node";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const address = vi.hoisted(() => ({ url: "" }));
// Only where the server is: the page has no origin of its own here.
vi.mock("socket.io-client", async (original) => {
  const real = await original<typeof import("socket.io-client")>();
  return { ...real, io: (options: object) => real.io(address.url, options) };
});

let web: HttpServer;
let server: Server;
let shown: string[];
let refusing: Set<string>;
let refreshes: () => Response;
const gateway = setupServer(
  http.post("*/v1/auth/refresh", () => refreshes()),
  http.all("*/socket.io/*", () => passthrough()),
);

const token = (access_token: string, id = "ada") => ({
  access_token,
  expires_in: 300,
  user: { id },
});
const connected = (): Socket[] => [...server.sockets.sockets.values()];
const until = (what: () => void) => vi.waitFor(what, { timeout: 10_000, interval: 20 });

beforeEach(async () => {
  shown = [];
  refusing = new Set();
  refreshes = () => HttpResponse.json({ title: "Not signed in" }, { status: 401 });
  gateway.listen({ onUnhandledFrame: "bypass" });
  web = createServer();
  server = new Server(web);
  server.use((socket, next) => {
    const { token: given } = socket.handshake.auth as { token: string };
    shown.push(given);
    const refusal = Object.assign(new Error("no"), { data: { status: 401 } });
    next(refusing.has(given) ? refusal : undefined);
  });
  server.on("connection", (socket) => {
    socket.on("subscribe", ({ stream }: { stream: string }, answer: (body: object) => void) => {
      void socket.join(stream);
      answer({ ok: true, cursor: "1:0", events: [], truncated: false });
    });
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  address.url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  vi.resetModules();
});
afterEach(async () => {
  (await import("@/api/access-token")).forgetToken();
  await server.close();
  gateway.close();
});

/** The socket of a tab that has just been opened, signed in as Ada. */
async function opened() {
  const session = await import("@/api/access-token");
  const socket = await import("./socket");
  session.keepToken(token("first"));
  const line = await socket.theSocket();
  await until(() => expect(line.connected).toBe(true));
  await line.emitWithAck("subscribe", { stream: "run:1", after: "0" });
  expect(server.sockets.adapter.rooms.has("run:1")).toBe(true);
  return { ...session, ...socket, line };
}

it("closes the socket with the session, and opens it again with the next one", async () => {
  const tab = await opened();
  tab.forgetToken();
  await until(() => expect(connected()).toEqual([]));
  expect(server.sockets.adapter.rooms.has("run:1")).toBe(false);
  expect(tab.connectionState()).toBe("signed_out");
  tab.keepToken(token("second"));
  await until(() => expect(connected()).toHaveLength(1));
  expect(shown).toEqual(["first", "second"]);
  await until(() => expect(tab.connectionState()).toBe("live"));
});

it("never carries one person's subscriptions over to another", async () => {
  const tab = await opened();
  const [before] = connected();
  tab.keepToken(token("somebody else's", "bob"));
  await until(() => expect(connected().map(({ id }) => id)).not.toContain(before?.id));
  await until(() => expect(connected()).toHaveLength(1));
  expect(shown).toEqual(["first", "somebody else's"]);
  expect(server.sockets.adapter.rooms.has("run:1")).toBe(false);
});

it("goes on over a renewed token of the same person", async () => {
  const tab = await opened();
  const [before] = connected();
  const renewed = new Promise((resolve) => before?.once("renew", resolve));
  tab.keepToken(token("renewed"));
  expect(await renewed).toEqual({ token: "renewed" });
  expect(connected()).toEqual([before]);
});

it("stays closed when the session was revoked and the cookie is good no more", async () => {
  const tab = await opened();
  refusing.add("first");
  const ends: string[] = [];
  tab.onSessionEnd((ending) => ends.push(ending));
  for (const socket of connected()) socket.disconnect();
  await until(() => expect(ends).toEqual(["gone"]));
  expect(tab.connectionState()).toBe("signed_out");
  expect(tab.line.active).toBe(false);
  expect(connected()).toEqual([]);
}, 20_000);

it("takes the line up again when only the token was not good any more", async () => {
  const tab = await opened();
  refusing.add("first");
  refreshes = () => HttpResponse.json(token("fresh"));
  for (const socket of connected()) socket.disconnect();
  await until(() => expect(connected()).toHaveLength(1));
  expect(shown.at(-1)).toBe("fresh");
  await until(() => expect(tab.connectionState()).toBe("live"));
}, 20_000);

it("takes the line up as soon as the network is back, however far away the next try is", async () => {
  const tab = await opened();
  tab.line.io.reconnectionDelay(600_000);
  tab.line.io.reconnectionDelayMax(600_000);
  tab.line.io.engine.close();
  await until(() => expect(tab.connectionState()).toBe("connecting"));
  await until(() => expect(connected()).toEqual([]));
  dispatchEvent(new Event("online"));
  await until(() => expect(tab.connectionState()).toBe("live"));
  expect(connected()).toHaveLength(1);
}, 20_000);
