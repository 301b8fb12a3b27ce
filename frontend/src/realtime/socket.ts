/** The one socket of this tab: it carries events only, and every connection begins with a fresh token. */
import type { io, Socket } from "socket.io-client";
import { currentToken, onSessionEnd, onToken, renewToken } from "@/api/access-token";

export type ConnectionState = "idle" | "live" | "connecting" | "offline" | "signed_out";

let socket: Socket | undefined;
let coming: Promise<Socket> | undefined;
let state: ConnectionState = "idle";
/** When the connection was lost, in milliseconds. */
let lostAt = 0;
let nextTry: ReturnType<typeof setTimeout> | undefined;
/** The newest token was not taken: another one is tried after a pause only. */
let isRefused = false;
const listeners = new Set<() => void>();

export function connectionState(): ConnectionState {
  return state;
}

export function lostSince(): number {
  return lostAt;
}

export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: ConnectionState): void {
  if (next === state) return;
  if (state === "live") lostAt = Date.now();
  state = next;
  for (const listener of listeners) listener();
}

/** Return the socket if it is open already: its library comes after the page that wants it was drawn. */
export function openSocket(): Socket | undefined {
  return socket;
}

/** Return the socket, opened with the first call. */
export function theSocket(): Promise<Socket> {
  coming ??= opened();
  return coming;
}

async function opened(): Promise<Socket> {
  become("connecting");
  try {
    const library = await import("socket.io-client");
    socket = connected(library.io);
    return socket;
  } catch (error) {
    coming = undefined;
    become("offline");
    throw error;
  }
}

function connected(connect: typeof io): Socket {
  const made = connect({
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: (send) => void currentToken().then((token) => send({ token })),
    reconnectionDelay: 500,
    reconnectionDelayMax: 15_000,
    randomizationFactor: 0.5,
  });
  made.on("connect", () => become("live"));
  made.on("disconnect", (reason) => {
    become(waitingState());
    // The server closed it on purpose, such as with the end of a token: nobody but us connects it again.
    if (reason === "io server disconnect") tryLater(500);
  });
  made.on("connect_error", (error: Error & { data?: { status?: number } }) => {
    if (error.data?.status === 401) return void refused();
    become(waitingState());
    // A refusal is no failure of the line: Socket.IO does not try again by itself.
    if (!made.active) tryLater(2_000);
  });
  // The next try may be a quarter of a minute away: what was missed is wanted now.
  addEventListener("online", () => {
    if (made.active && !made.connected) made.disconnect().connect();
  });
  onSessionEnd(closeSocket);
  onToken((token) => {
    if (made.connected) made.emit("renew", { token });
    else if (!isRefused) connectAgain();
  });
  return made;
}

function waitingState(): ConnectionState {
  return navigator.onLine ? "connecting" : "offline";
}

/** The token was not taken: one that is good takes the line up again, and without one it stays closed. */
async function refused(): Promise<void> {
  isRefused = true;
  become("signed_out");
  if ((await renewToken()) !== "signed_out") tryLater(2_000);
}

function tryLater(after_ms: number): void {
  clearTimeout(nextTry);
  nextTry = setTimeout(connectAgain, after_ms);
}

/** A socket that is on its way already would introduce itself twice. */
function connectAgain(): void {
  isRefused = false;
  if (socket && !socket.active) socket.connect();
}

/** Close the socket until there is a token again: on the server all its subscriptions end with it. */
function closeSocket(): void {
  clearTimeout(nextTry);
  isRefused = false;
  socket?.disconnect();
  become("signed_out");
}
