// @vitest-environment jsdom
/** One evaluation: while it runs, with its figures, compared, failed. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { aComparison, aLine } from "@/testing/fake-evaluations";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT } from "@/testing/settings";

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "runs:cancel"] };
  server = gateway.listen();
});
afterEach(() => {
  vi.unstubAllGlobals();
  server.close();
});

async function open(id: string) {
  const drawn = await renderAt(`/evaluations/${id}`);
  await screen.findByRole("heading", { name: /Evaluation over Harbours/ }, PATIENT);
  return drawn;
}

it("compares two versions with intervals, and says what may be chance", async () => {
  const { id } = gateway.evaluations.add({ version: 3, against: 2 }, aComparison());
  await open(id);
  const rows = within(screen.getByRole("table", { name: "Figures" })).getAllByRole("row");
  expect(rows[0]).toHaveTextContent("MetricVersion 3Version 2Difference");
  expect(rows[1]).toHaveTextContent(/88% 95 %: 78% to 98%, 4 cases/);
  expect(rows[1]).toHaveTextContent(/\+25 pp · better 95 %: \+15 pp to \+35 pp/);
  expect(rows[2]).toHaveTextContent(/Time.*3\.2 s.*\+1 s · worse/);
  expect(rows[3]).toHaveTextContent(/may be chance.*−\$0\.0002 to \+\$0\.0004/);
}, 40_000);

it("shows every case with its runs, and only those that are worse when asked", async () => {
  const { id } = gateway.evaluations.add({ version: 3, against: 2 }, aComparison());
  await open(id);
  const cases = () => within(screen.getByRole("list", { name: "Cases" }));
  const tram = within(cases().getByRole("listitem", { name: "tram" }));
  expect(tram.getByText("worse than before")).toBeVisible();
  expect(tram.getByRole("link", { name: "Version 3" })).toHaveAttribute(
    "href",
    "/runs/0190-run-0-tram",
  );
  const wrong = within(tram.getByRole("list", { name: "What does not hold" }));
  expect(wrong.getByText("outputs.brief.contains('harbour')")).toBeVisible();
  await userEvent.click(screen.getByRole("radio", { name: "Worse than before (1)" }));
  expect(cases().queryByRole("listitem", { name: "bridge" })).toBeNull();
  expect(cases().getByRole("listitem", { name: "tram" })).toBeVisible();
}, 40_000);

it("follows an evaluation until it has ended, and can end it before", async () => {
  const { id } = gateway.evaluations.add({ status: "running", done: 1 });
  await open(id);
  expect(screen.getByText("1 of 4 runs")).toBeVisible();
  expect(screen.getByRole("heading", { name: "No case has been scored yet" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("Cancelled", {}, PATIENT)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
}, 40_000);

it("reads again by itself while it runs", async () => {
  const { id } = gateway.evaluations.add({ status: "running", done: 1 });
  await open(id);
  const known = gateway.evaluations.results.get(id);
  gateway.evaluations.results.set(id, {
    ...aComparison(),
    evaluation: {
      ...(known as NonNullable<typeof known>).evaluation,
      status: "succeeded",
      done: 4,
    },
    metrics: [aLine("checks")],
    cases: [],
    cases_before: [],
  });
  expect(await screen.findByText("75%", {}, PATIENT)).toBeVisible();
}, 40_000);

it("says why an evaluation failed", async () => {
  const error = "The grader of case 'tram' gave no score.";
  const { id } = gateway.evaluations.add({ status: "failed", error });
  await open(id);
  expect(screen.getByRole("alert")).toHaveTextContent(error);
}, 40_000);

it("saves the report as a file, and says when it cannot", async () => {
  const { id } = gateway.evaluations.add();
  const saved: Blob[] = [];
  const names: string[] = [];
  vi.stubGlobal(
    "URL",
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => `blob:${saved.push(blob)}`,
      revokeObjectURL: () => undefined,
    }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download);
  });
  await open(id);
  await userEvent.click(screen.getByRole("button", { name: "Save report" }));
  await waitFor(() => expect(names).toEqual([`evaluation-${id}.html`]), PATIENT);
  expect(saved[0]?.size).toBe("<title>Harbours</title>".length);
  server.use(http.get("*/v1/evaluations/:id/report", () => problem(503, "Away")));
  await userEvent.click(screen.getByRole("button", { name: "Save report" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Save report" })).toBeEnabled());
  expect(saved).toHaveLength(1);
}, 40_000);

it("says that there is no such evaluation", async () => {
  await renderAt("/evaluations/0190-nowhere");
  const title = await screen.findByRole("heading", { name: "Evaluation not found" }, PATIENT);
  expect(title).toBeVisible();
  expect(screen.getByText("Request trace-1")).toBeVisible();
}, 40_000);
