// @vitest-environment jsdom
/** The gallery: cards with what they need, the text to read, a workflow made of one, its states. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SaveWorkflow } from "@/api/generated";
import { readWorkflow } from "@/domain/document/workflow";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const LIMIT = { timeout: 10_000 };
const SOURCE = `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: pay-invoices, title: Pay invoices}
steps:
  ask: {agent: research, prompt: "Who is paid?"} # why
`;
const NEEDS = {
  agents: [],
  models: [],
  secrets: ["bank-key"],
  tools: [],
  workflows: [],
  people: true,
  internet: false,
};
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  server = gateway.listen();
});
afterEach(() => server.close());

function addPay() {
  gateway.desk.addTemplate({
    id: "pay-invoices",
    title: "Pay invoices",
    categories: ["Finance"],
    needs: NEEDS,
    source: SOURCE,
    tests: "cases: []",
  });
}

/** Take what is sent, and refuse the names that are taken. */
function takeNew(taken: string[] = []): SaveWorkflow[] {
  const sent: SaveWorkflow[] = [];
  server.use(
    http.post("*/v1/workflows", async ({ request }) => {
      const body = (await request.json()) as SaveWorkflow;
      sent.push(body);
      const { name } = readWorkflow(body.source).data.metadata as { name: string };
      if (taken.includes(name))
        return problem(409, "Name is taken", "/problems/workflow-name-taken");
      return HttpResponse.json(gateway.addWorkflow(body.source, { name }), { status: 201 });
    }),
  );
  return sent;
}

async function openPay() {
  await userEvent.click(await screen.findByRole("button", { name: "Pay invoices" }, LIMIT));
  return within(await screen.findByRole("dialog", { name: "Pay invoices" }, LIMIT));
}

it("shows what a template needs and finds by category and words", async () => {
  addPay();
  gateway.desk.addTemplate({ title: "Sort mail", categories: ["Support"], level: "start-here" });
  const { router } = await renderAt("/templates");
  const needs = await screen.findByRole("list", { name: "Needs" }, LIMIT);
  expect(needs).toHaveTextContent("Secrets: bank-key");
  expect(needs).toHaveTextContent("Somebody who decides");
  expect(screen.getByText("Start here")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Support" }));
  expect(router.state.location.search).toBe("?category=Support");
  expect(screen.queryByRole("button", { name: "Pay invoices" })).toBeNull();
  await userEvent.type(screen.getByRole("textbox", { name: "Search templates" }), "invoices");
  expect(screen.getByRole("heading", { name: "Nothing found" })).toBeVisible();
}, 20_000);

it("makes a workflow of it and opens the builder", async () => {
  addPay();
  const sent = takeNew();
  const { router } = await renderAt("/templates");
  const dialog = await openPay();
  expect(await dialog.findByText(/Who is paid\?.*# why/, {}, LIMIT)).toBeVisible();
  await userEvent.click(dialog.getByRole("button", { name: "Use template" }));
  await vi.waitFor(
    () => expect(router.state.location.pathname).toBe("/workflows/0190-workflow-1"),
    LIMIT,
  );
  expect(sent).toEqual([{ source: SOURCE, tests: "cases: []" }]);
}, 20_000);

it("takes another name where the first is taken", async () => {
  addPay();
  const sent = takeNew(["pay-invoices"]);
  const { router } = await renderAt("/templates");
  const dialog = await openPay();
  await userEvent.click(await dialog.findByRole("button", { name: "Use template" }, LIMIT));
  await vi.waitFor(() => expect(router.state.location.pathname).toMatch(/^\/workflows\//), LIMIT);
  expect(sent[1]?.source).toMatch(/name: pay-invoices-[0-9a-f]{4},.*\n(.*\n)*.*# why/);
}, 20_000);

it("lets a viewer read and not use", async () => {
  gateway.me = { ...ME, role: "viewer", permissions: ["workflows:read"] };
  addPay();
  await renderAt("/templates?template=pay-invoices");
  expect(await screen.findByRole("button", { name: "Use template" }, LIMIT)).toBeDisabled();
  expect(screen.getByText("Your role may read workflows, not make them.")).toBeVisible();
}, 20_000);

it("says so when there is none", async () => {
  await renderAt("/templates");
  expect(await screen.findByRole("heading", { name: "No templates" }, LIMIT)).toBeVisible();
}, 20_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/templates", () => problem(403, "Not allowed")));
  await renderAt("/templates");
  expect(await screen.findByText("Request trace-1", {}, LIMIT)).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
}, 20_000);
