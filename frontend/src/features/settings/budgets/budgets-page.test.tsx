// @vitest-environment jsdom
/** Budgets: what is used of them, and changed one by one over the state that was read. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { BudgetState, SaveBudgets, WorkspaceBudget } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT, permit } from "@/testing/settings";

const WHOLE: WorkspaceBudget = {
  scope: "workspace",
  target: null,
  period: "month",
  tokens: 1_000_000,
  usd_micro: 20_000_000,
  on_reach: "ask",
};
let budgets: WorkspaceBudget[];
let match: string | null;
let server: ReturnType<FakeGateway["listen"]>;

function stateOf(budget: WorkspaceBudget): BudgetState {
  return {
    budget,
    model: null,
    used_tokens: 250_000,
    reserved_tokens: 0,
    used_usd_micro: 21_000_000,
    reserved_usd_micro: 0,
    tokens_limit: budget.tokens ?? null,
    usd_micro_limit: budget.usd_micro ?? null,
    resets_at: new Date(Date.now() + 86_400_000).toISOString(),
  };
}
const list = () => ({ items: budgets.map(stateOf), etag: '"7"', revision: 7, updated_at: null });

beforeEach(() => {
  budgets = [WHOLE];
  match = null;
  const gateway = new FakeGateway();
  gateway.addWorkflow("", { id: "0190-flow", title: "Market brief" });
  server = gateway.listen();
  permit(server, "budgets:read", "budgets:manage", "workflows:read");
  server.use(
    http.get("*/v1/budgets", () => HttpResponse.json(list())),
    http.put("*/v1/budgets", async ({ request }) => {
      match = request.headers.get("if-match");
      budgets = ((await request.json()) as SaveBudgets).items;
      return HttpResponse.json(list());
    }),
  );
});
afterEach(() => server.close());

it("shows what is used of each limit", async () => {
  await renderAt("/settings/budgets");
  const row = (await screen.findByText("Whole workspace", {}, PATIENT)).closest("[role=row]");
  expect(row).toHaveTextContent("250K of 1M Tokens");
  expect(row).toHaveTextContent("used up");
  expect(screen.getByRole("progressbar", { name: /Tokens/ })).toHaveAttribute(
    "aria-valuenow",
    "25",
  );
}, 20_000);

it("adds a budget of one workflow beside those there are", async () => {
  await renderAt("/settings/budgets");
  await userEvent.click(await screen.findByRole("button", { name: "New budget" }, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("combobox", { name: "Whose" }));
  await userEvent.click(await screen.findByRole("option", { name: "Workflow" }));
  await userEvent.click(dialog.getByRole("combobox", { name: /Workflow/ }));
  await userEvent.click(await screen.findByRole("option", { name: "Market brief" }));
  await userEvent.type(dialog.getByRole("textbox", { name: "US$" }), "2.5");
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Workflow: Market brief")).toBeVisible();
  expect(match).toBe('"7"');
  expect(budgets).toEqual([
    WHOLE,
    {
      scope: "workflow",
      target: "0190-flow",
      period: "month",
      usd_micro: 2_500_000,
      on_reach: "ask",
    },
  ]);
}, 20_000);

it("deletes the last one after asking, and says what budgets are for", async () => {
  await renderAt("/settings/budgets");
  const remove = { name: "Delete the budget of Whole workspace" };
  await userEvent.click(await screen.findByRole("button", remove, PATIENT));
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("heading", { name: "No budget yet" })).toBeVisible();
  expect(budgets).toEqual([]);
}, 20_000);

it("changes the same budget when somebody else put another one before it", async () => {
  const daily: WorkspaceBudget = { ...WHOLE, period: "day" };
  let etag = '"7"';
  server.use(
    http.get("*/v1/budgets", () => HttpResponse.json({ ...list(), etag })),
    http.put("*/v1/budgets", async ({ request }) => {
      match = request.headers.get("if-match");
      if (match !== etag) return problem(412, "Changed by somebody else");
      budgets = ((await request.json()) as SaveBudgets).items;
      return HttpResponse.json({ ...list(), etag });
    }),
  );
  await renderAt("/settings/budgets");
  const change = { name: "Edit the budget of Whole workspace" };
  await userEvent.click(await screen.findByRole("button", change, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  const usd = dialog.getByRole("textbox", { name: "US$" });
  await userEvent.clear(usd);
  await userEvent.type(usd, "5");
  budgets = [daily, { ...WHOLE, tokens: 300 }];
  etag = '"8"';
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await dialog.findByRole("alert", {}, PATIENT)).toHaveTextContent("Tokens Now: 300");
  expect(usd).toHaveValue("5");
  await userEvent.click(dialog.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  await expect.poll(() => match, PATIENT).toBe('"8"');
  await expect
    .poll(() => budgets, PATIENT)
    .toEqual([daily, { ...WHOLE, tokens: 300, usd_micro: 5_000_000 }]);
}, 40_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/budgets", () => problem(500, "Something broke")));
  await renderAt("/settings/budgets");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets a viewer look, and nothing else", async () => {
  permit(server, "budgets:read");
  await renderAt("/settings/budgets");
  const add = await screen.findByRole("button", { name: "New budget" }, PATIENT);
  expect(add).toHaveAttribute("aria-disabled", "true");
}, 20_000);
