// @vitest-environment jsdom
/** What is known of a failure stands beside it: how often, what came next, and nothing when nothing is known. */
import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { KnownFailure as Failure } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderPart } from "@/testing/render";
import KnownFailure from "./known-failure";

const FAILURE: Failure = {
  workflow_id: "w1",
  signature: "5f3a",
  code: "upstream",
  message: "The mail server does not answer.",
  step: "send",
  seen: 14,
  first_seen: "2026-01-01T12:00:00Z",
  last_seen: "2026-02-01T12:00:00Z",
  last_run_id: "r1",
  remedies: [
    {
      kind: "document",
      runs: 3,
      last_run_id: "r7",
      last_version: 4,
      last_at: "2026-02-02T12:00:00Z",
    },
    {
      kind: "retry",
      runs: 1,
      last_run_id: "r2",
      last_version: null,
      last_at: "2026-02-02T12:00:00Z",
    },
  ],
};
const PART = (
  <MemoryRouter>
    <KnownFailure runId="r1" />
  </MemoryRouter>
);
let items: Failure[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  items = [FAILURE];
  server = new FakeGateway().listen();
  server.use(http.get("*/v1/runs/r1/failures", () => HttpResponse.json({ items })));
});
afterEach(() => server.close());

it("says how often it was seen and links to what came next", async () => {
  await renderPart(PART);
  expect(await screen.findByText(/14 times since Jan 1, 2026/)).toBeVisible();
  expect(screen.getByText("3 times a run of a changed workflow succeeded next")).toBeVisible();
  expect(screen.getByText("Once a retry of the run succeeded next")).toBeVisible();
  expect(screen.getByRole("link", { name: "last with version 4" })).toHaveAttribute(
    "href",
    "/runs/r7",
  );
});

it("says that nothing has helped yet", async () => {
  items = [{ ...FAILURE, seen: 1, remedies: [] }];
  await renderPart(PART);
  expect(await screen.findByText(/failed like this once/)).toBeVisible();
  expect(screen.getByText("No run has succeeded since.")).toBeVisible();
});

it("shows nothing when nothing is known or nobody answers", async () => {
  items = [];
  const { container } = await renderPart(PART);
  expect(container.querySelector("section")).toBeNull();
  server.use(http.get("*/v1/runs/r1/failures", () => problem(503, "Later")));
  const other = await renderPart(PART);
  expect(other.container.querySelector("section")).toBeNull();
});
