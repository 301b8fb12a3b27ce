// @vitest-environment jsdom
/** The dashboard: figures with their change and their lists, charts as tables, its states. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { anOverview } from "@/testing/fake-desk";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const LIMIT = { timeout: 10_000 };
const WORKFLOW = { id: "0190-workflow-1", name: "market-brief" };
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  // Without a size nothing is drawn.
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 600, 240));
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "approvals:read"] };
  gateway.desk.overview = anOverview({
    runs: { value: 40, before: 20, change: 1 },
    failures: { value: 4, before: 2, change: 1 },
    success_rate: { value: 0.9, before: 0.9, change: 0 },
    p95_ms: { value: 12_400, before: 24_800, change: -0.5 },
    usd: { value: 1.5, before: null, change: null },
    approvals_waiting: 1,
    in_progress: { running: 1, queued: 2, waiting: 3 },
    recent_failures: [
      {
        id: "0190-run-9",
        workflow: WORKFLOW,
        status: "failed",
        error: { code: "timeout", message: "The step took too long." },
        created_at: "2026-03-07T10:00:00Z",
        started_at: null,
        finished_at: null,
      },
    ],
    series: [
      { at: "2026-03-02T00:00:00Z", succeeded: 5, failed: 1, cancelled: 0, tokens: 900, usd: 0.5 },
    ],
    workflows: [
      { workflow: WORKFLOW, runs: 40, failed: 4, average_ms: 900, tokens: 900, usd: 1.5 },
    ],
    models: [{ model: "mock/small", calls: 80, tokens: 900, usd: 1.5 }],
  });
  server = gateway.listen();
});
afterEach(() => {
  server.close();
  vi.restoreAllMocks();
});

const search = (link: HTMLElement) => new URL(link.getAttribute("href") ?? "", "http://x").search;

it("shows figures with their change, each with its list", async () => {
  gateway.desk.addApproval({ title: "Pay the invoice?" });
  await renderAt("/");
  const tiles = within(await screen.findByRole("list", { name: "Figures" }, LIMIT));
  expect(tiles.getByText("12 s")).toBeVisible();
  expect(tiles.getByText("50% less than before")).toHaveAttribute("data-news", "good");
  expect(
    tiles.getByText("nothing to compare with", { selector: "li:nth-child(7) *" }),
  ).toBeVisible();
  expect(tiles.getByText("2 queued, 3 waiting")).toBeVisible();
  expect(search(tiles.getByRole("link", { name: "Failures" }))).toBe(
    "?status=failed&from=2026-03-01T00%3A00%3A00Z&before=2026-03-08T00%3A00%3A00Z",
  );
  const link = await screen.findByRole("link", { name: "Pay the invoice?" }, LIMIT);
  expect(search(link)).toBe("?show=open&item=0190-approval-1");
  expect(screen.getByText("The step took too long.")).toBeVisible();
}, 20_000);

it("says in tables what the charts draw", async () => {
  await renderAt("/");
  const charts = within(await screen.findByRole("region", { name: "Charts" }, LIMIT));
  for (const summary of charts.getAllByText("As a table")) await userEvent.click(summary);
  const days = within(charts.getByRole("table", { name: "By day" }));
  expect(search(days.getByRole("link", { name: "Mar 2" }))).toBe(
    "?from=2026-03-02T00%3A00%3A00.000Z&before=2026-03-03T00%3A00%3A00.000Z",
  );
  expect(days.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["5", "1", "0"]);
  await userEvent.click(charts.getByRole("radio", { name: "Cost" }));
  const models = within(charts.getByRole("table", { name: "By model" }));
  expect(models.getByRole("cell")).toHaveTextContent("$1.50");
}, 20_000);

it("opens the runs of a bar", async () => {
  server.use(http.get("*/v1/runs", () => HttpResponse.json({ items: [], next_cursor: null })));
  const { container, router } = await renderAt("/");
  await screen.findByRole("region", { name: "Charts" }, LIMIT);
  const bars = await waitFor(() => {
    const found = container.querySelectorAll(".recharts-bar-rectangle path");
    expect(found.length).toBeGreaterThanOrEqual(5);
    return found;
  }, LIMIT);
  const [first] = bars;
  if (first) await userEvent.click(first);
  await waitFor(() => expect(router.state.location.pathname).toBe("/runs"), LIMIT);
  expect(router.state.location.search).toContain("from=2026-03-02");
  expect(await screen.findByText("No run is like that", {}, LIMIT)).toBeVisible();
}, 20_000);

it("opens the list behind a figure with its filter", async () => {
  const asked: string[] = [];
  server.use(
    http.get("*/v1/runs", ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ items: [], next_cursor: null });
    }),
  );
  const { router } = await renderAt("/");
  await userEvent.click(await screen.findByRole("link", { name: /^Slowest/ }, LIMIT));
  const line = await screen.findByRole("textbox", { name: "Filter runs" }, LIMIT);
  expect(line).toHaveDisplayValue(/^duration:>12s since:2026-03-01/);
  expect(await screen.findByText("No run is like that", {}, LIMIT)).toBeVisible();
  expect(asked[0]).toContain("longer_than_s=12");
  await userEvent.clear(line);
  await userEvent.type(line, "status:failed{Enter}");
  expect(router.state.location.search).toBe("?q=status%3Afailed");
  expect(asked.at(-1)).not.toContain("longer_than_s");
}, 20_000);

it("keeps the time in the address", async () => {
  const { router } = await renderAt("/?window=30d");
  expect(await screen.findByRole("radio", { name: "30 days" }, LIMIT)).toBeChecked();
  await userEvent.click(screen.getByRole("radio", { name: "24 h" }));
  expect(router.state.location.search).toBe("?window=24h");
}, 20_000);

it("shows no approvals to who may not read them", async () => {
  gateway.me = { ...ME, role: "custom", permissions: ["runs:read"] };
  await renderAt("/");
  expect(await screen.findByRole("region", { name: "Failed last" }, LIMIT)).toBeVisible();
  expect(screen.queryByRole("region", { name: "Waiting for approval" })).toBeNull();
}, 20_000);

it("welcomes who has not run anything", async () => {
  gateway.desk.overview = anOverview();
  await renderAt("/");
  const title = { name: "Welcome to your workspace" };
  expect(await screen.findByRole("heading", title, LIMIT)).toBeVisible();
  expect(screen.getByRole("link", { name: "Look at templates" })).toBeVisible();
}, 20_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/stats/overview", () => problem(403, "Not allowed")));
  await renderAt("/");
  expect(await screen.findByText("Request trace-1", {}, LIMIT)).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
}, 20_000);
