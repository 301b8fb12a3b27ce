// @vitest-environment jsdom
/** Errors of the page reach the gateway: once, as numbers, and without what people have written. */
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ClientError } from "@/api/generated";
import { signedIn } from "@/api/session-slice";
import { FakeGateway, ME } from "@/testing/fake-gateway";
import { makeStore } from "../store";
import { describeError, pageOf } from "./describe-error";

let server: ReturnType<FakeGateway["listen"]>;
let told: ClientError[];
let report: typeof import("./report-error")["reportError"];
beforeEach(async () => {
  vi.resetModules();
  report = (await import("./report-error")).reportError;
  told = [];
  server = new FakeGateway().listen();
  server.use(
    http.post("*/v1/client-errors", async ({ request }) => {
      told.push((await request.json()) as ClientError);
      return HttpResponse.json({ id: "0190-report" }, { status: 202 });
    }),
  );
});
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

function failing(message: string): Error {
  const error = new TypeError(message);
  error.stack = `TypeError: ${message}\n    at draw (https://h.example/assets/run-1a2b.js?key=canary:3:14)`;
  return error;
}

it("says where and how, and nothing that somebody wrote", () => {
  history.replaceState(null, "", "/workflows/0190-abc?name=canary");
  const error = failing('Unexpected token, "canary of Ada" is not valid JSON');
  expect(describeError("render", error)).toEqual({
    kind: "render",
    message: "TypeError: Unexpected token, … is not valid JSON",
    stack: "at draw (https://h.example/assets/run-1a2b.js:3:14)",
    page: "/workflows/:id",
    release: "",
  });
  expect(describeError("rejection", { detail: "canary" })?.message).toBe("thrown: object");
  expect(
    describeError("error", failing("Failed to fetch dynamically imported module: x"))?.kind,
  ).toBe("network");
  expect(describeError("error", new DOMException("gone", "AbortError"))).toBeUndefined();
  expect(describeError("error", undefined)).toBeUndefined();
  expect(pageOf("/settings/api-keys")).toBe("/settings/api-keys");
});

it("tells of an error once, and how often it came again after a minute", async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  const store = makeStore();
  store.dispatch(signedIn(ME));
  for (let time = 0; time < 4; time += 1) report(store, "render", failing("broken"));
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told[0]).toMatchObject({ kind: "render", message: "TypeError: broken", count: 1 });
  vi.advanceTimersByTime(60_000);
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(told[1]).toMatchObject({ message: "TypeError: broken", count: 3 });
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveLength(2);
});

it("tells of very many different ones only some, for all of them", async () => {
  const store = makeStore();
  store.dispatch(signedIn(ME));
  const dice = vi.spyOn(Math, "random").mockReturnValue(0.5);
  for (let at = 0; at < 200; at += 1) report(store, "error", failing(`broken ${at}`));
  await vi.waitFor(() => expect(told).toHaveLength(10));
  dice.mockReturnValue(0.05);
  report(store, "error", failing("the next"));
  await vi.waitFor(() => expect(told).toHaveLength(11));
  expect(told.at(-1)?.count).toBe(10);
  dice.mockRestore();
});

it("waits until somebody has come in", async () => {
  const store = makeStore();
  report(store, "error", failing("early"));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(told).toEqual([]);
  store.dispatch(signedIn(ME));
  await vi.waitFor(() => expect(told).toHaveLength(1));
});
