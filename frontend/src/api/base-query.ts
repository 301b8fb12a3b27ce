/** Every request of the application: token, request id, language; one form of failure; patient where it may be. */
import { type BaseQueryFn, type FetchArgs, fetchBaseQuery } from "@reduxjs/toolkit/query/react";
import { type Problem, problemFrom, UNREADABLE, unanswered } from "@/shared/lib/problem";
import { currentToken, renewToken } from "./access-token";
import { signedOut } from "./session-events";
import { newTrace, placeIn } from "./trace";

export interface AnswerMeta {
  etag: string | null;
  request_id: string;
}
/** A request as the generated client writes it; headers that are null are left out. */
export interface ApiRequest {
  url: string;
  method?: string;
  body?: unknown;
  params?: Record<string, unknown>;
  headers?: Record<string, string | null | undefined>;
}
export type ApiBaseQuery = BaseQueryFn<string | ApiRequest, unknown, Problem, object, AnswerMeta>;

const PATIENT = new Set([429, 502, 503, 504]);
const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE"]);
const MOST_TRIES = 4;
const LONGEST_WAIT_MS = 20_000;

const plain = fetchBaseQuery({
  baseUrl: location.origin,
  credentials: "same-origin",
  paramsSerializer: queryOf,
  responseHandler: async (response) => {
    const text = await response.text();
    // Lines of JSON (`application/jsonl`) are a text of their own.
    const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    return isJson && text ? JSON.parse(text) : text || null;
  },
});

export const baseQuery: ApiBaseQuery = async (given, api, options) => {
  const request: ApiRequest = typeof given === "string" ? { url: given } : given;
  // Known before there is an answer, and where there is none.
  const requestId = newTrace();
  const headers = headersOf(request, requestId);
  let hasRenewed = false;
  for (let tries = 1; ; tries += 1) {
    const token = await currentToken();
    if (token) headers.set("authorization", `Bearer ${token}`);
    headers.set("traceparent", placeIn(requestId));
    const answer = await plain({ ...request, headers } as FetchArgs, api, options);
    const response = answer.meta?.response;
    const meta: AnswerMeta = { etag: response?.headers.get("etag") ?? null, request_id: requestId };
    if (!answer.error) return { data: answer.data, meta };
    const problem = asProblem(answer.error, requestId);
    if (problem.status === 401 && !hasRenewed && !isAboutSession(request.url)) {
      hasRenewed = true;
      if ((await renewToken()) === "renewed") continue;
      api.dispatch(signedOut());
      return { error: problem, meta };
    }
    const mayGoOn =
      mayRepeat(request, headers, problem, tries) && (await waited(tries, response, api.signal));
    if (!mayGoOn) return { error: problem, meta };
  }
};

/** As the gateway reads it: what is not asked is left out, and several values are said one by one. */
function queryOf(params: Record<string, unknown>): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== null && one !== undefined)
      .map((one) => [name, String(one)]),
  );
  return new URLSearchParams(pairs).toString();
}

function headersOf(request: ApiRequest, requestId: string): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers ?? {}))
    if (value) headers.set(name, value);
  headers.set("x-request-id", requestId);
  headers.set("accept-language", document.documentElement.lang || "en");
  if (request.method === "POST" && isStart(request.url) && !headers.has("idempotency-key")) {
    headers.set("idempotency-key", requestId);
  }
  if (isAboutSession(request.url)) headers.set("x-flowloom-csrf", "1");
  return headers;
}

function isAboutSession(url: string): boolean {
  return url.startsWith("/v1/auth/");
}

function mayRepeat(
  request: ApiRequest,
  headers: Headers,
  problem: Problem,
  tries: number,
): boolean {
  const isSafe = IDEMPOTENT.has(request.method ?? "GET") || headers.has("idempotency-key");
  return isSafe && tries < MOST_TRIES && PATIENT.has(problem.status);
}

/** Starting something twice must not start two: these take a key. */
function isStart(url: string): boolean {
  return /\/(?:runs|fork|messages|regenerate)$/.test(url);
}

function asProblem(
  error: { status: unknown; data?: unknown; originalStatus?: number },
  requestId: string,
): Problem {
  if (typeof error.status === "number") return problemFrom(error.status, error.data, requestId);
  if (error.status === "PARSING_ERROR") {
    return { ...problemFrom(error.originalStatus ?? 500, {}, requestId), type: UNREADABLE };
  }
  return unanswered(requestId);
}

/** Wait as the server asks, else longer each time; answers whether to go on. */
async function waited(
  tries: number,
  response: Response | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = Number(response?.headers.get("retry-after")) * 1_000;
  const own = 250 * 2 ** tries * (0.75 + Math.random() / 2);
  const pause = Math.min(LONGEST_WAIT_MS, asked > 0 ? asked : own);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, pause);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return !signal.aborted;
}
