// @vitest-environment jsdom
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway } from "@/testing/fake-gateway";
import { baseQuery } from "./base-query";

let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  server = new FakeGateway().listen();
});
afterEach(() => server.close());

const API = { signal: new AbortController().signal, dispatch: () => undefined };

it.each([
  ["/v1/conversations/talk-1/messages", 2],
  ["/v1/conversations/talk-1/messages/answer-1/regenerate", 2],
  ["/v1/workflows/workflow-1/runs", 2],
  ["/v1/workflows", 1],
])(
  "asks %s again with the same key while the platform is busy, or not at all",
  async (url, times) => {
    const keys: (string | null)[] = [];
    server.use(
      http.post(`*${url}`, ({ request }) => {
        keys.push(request.headers.get("idempotency-key"));
        return keys.length < 2
          ? HttpResponse.json({ status: 503 }, { status: 503 })
          : HttpResponse.json({ done: true }, { status: 202 });
      }),
    );
    const answer = await baseQuery({ url, method: "POST", body: {} }, API as never, {});
    expect(keys).toHaveLength(times);
    if (times === 1) expect(answer.error?.status).toBe(503);
    else expect(answer.data).toEqual({ done: true });
    expect(new Set(keys).size).toBe(1);
    expect(keys[0] === null).toBe(times === 1);
  },
);

it("asks for several values one by one, and leaves out what is not asked", async () => {
  let search = "";
  server.use(
    http.get("*/v1/asked", ({ request }) => {
      search = new URL(request.url).search;
      return HttpResponse.json({});
    }),
  );
  const params = { status: ["failed", "cancelled"], label: null, cursor: undefined, limit: 20 };
  await baseQuery({ url: "/v1/asked", params }, API as never, {});
  expect(search).toBe("?status=failed&status=cancelled&limit=20");
});
