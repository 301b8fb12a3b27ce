// @vitest-environment jsdom
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SESSION } from "@/testing/fake-door";
import { FakeGateway } from "@/testing/fake-gateway";
import { forgetToken, renewToken } from "./access-token";
import { baseQuery } from "./base-query";
import { fetchFile } from "./fetch-file";

const PLACE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-00$/;
const OF_SESSION = SESSION.replaceAll("-", "").slice(-16);
const API = { signal: new AbortController().signal, dispatch: () => undefined };

let server: ReturnType<FakeGateway["listen"]>;
let sent: Headers[];
beforeEach(() => {
  server = new FakeGateway().listen();
  sent = [];
});
afterEach(() => {
  forgetToken();
  server.close();
});

function answer(status: number) {
  server.use(
    http.get("*/v1/asked", ({ request }) => {
      sent.push(request.headers);
      return HttpResponse.json({}, { status: sent.length > 1 ? 200 : status });
    }),
  );
}

function places() {
  return sent.map((headers) => PLACE.exec(headers.get("traceparent") ?? "")?.slice(1) ?? []);
}

it("begins a trace of the session with every request", async () => {
  answer(200);
  await renewToken();
  await baseQuery("/v1/asked", API as never, {});
  await baseQuery("/v1/asked", API as never, {});
  const traces = places().map(([trace]) => trace);
  expect(traces.map((trace) => trace?.slice(0, 16))).toEqual([OF_SESSION, OF_SESSION]);
  expect(new Set(traces).size).toBe(2);
  expect(sent.map((headers) => headers.get("x-request-id"))).toEqual(traces);
});

it("stays in its trace when it asks again, as another span", async () => {
  answer(503);
  await baseQuery("/v1/asked", API as never, {});
  const [first, second] = places();
  expect(first?.[0]).toBe(second?.[0]);
  expect(first?.[1]).not.toBe(second?.[1]);
});

it("names the trace of a request that nobody answered", async () => {
  server.use(
    http.get("*/v1/asked", ({ request }) => {
      sent.push(request.headers);
      return HttpResponse.error();
    }),
  );
  const asked = await baseQuery("/v1/asked", API as never, {});
  expect(asked.error?.trace_id).toBe(places()[0]?.[0]);
});

it("begins one of nobody's before anybody is signed in", async () => {
  answer(200);
  await baseQuery("/v1/asked", API as never, {});
  const [trace] = places()[0] ?? [];
  expect(trace).toMatch(/^[0-9a-f]{32}$/);
  expect(trace?.startsWith(OF_SESSION)).toBe(false);
});

it("begins one for a file, too", async () => {
  answer(200);
  await renewToken();
  await fetchFile("/v1/asked");
  expect(places()[0]?.[0]?.slice(0, 16)).toBe(OF_SESSION);
});
