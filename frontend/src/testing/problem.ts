import { HttpResponse } from "msw";

export function problem(status: number, title: string, type = "/problems/test") {
  const body = { type, title, status, detail: `${title}.`, instance: "/", trace_id: "trace-1" };
  return HttpResponse.json(body, {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}
