// @vitest-environment jsdom
/** Evaluations as a list, what they are made of, and how one is begun. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT } from "@/testing/settings";

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "runs:start"] };
  gateway.addWorkflow("", { id: "0190-flow", title: "City brief", published_version: 2 });
  server = gateway.listen();
  server.use(
    http.get("*/v1/workflows/:id/versions", () =>
      HttpResponse.json({
        items: [{ version: 2, note: "Shorter", published_at: "", published_by: null }],
        next_cursor: null,
      }),
    ),
  );
});
afterEach(() => server.close());

async function choose(label: RegExp, option: RegExp) {
  await userEvent.click(screen.getByRole("combobox", { name: label }));
  await userEvent.click(await screen.findByRole("option", { name: option }, PATIENT));
}

it("lists evaluations with their state and scores", async () => {
  gateway.evaluations.add({ scores: { checks: 0.875, usd: 0.002 }, against: 1, version: 2 });
  gateway.evaluations.add({ status: "running", done: 1, dataset_name: "Trams" });
  await renderAt("/evaluations");
  const table = within(await screen.findByRole("table", { name: "Evaluations" }, PATIENT));
  const [, running, ended] = table.getAllByRole("row");
  expect(running).toHaveTextContent(/Trams.*Running.*1 of 4 runs/);
  expect(ended).toHaveTextContent(/Version 2 against Version 1.*Succeeded.*Checks 87\.5%/);
  expect(ended).not.toHaveTextContent("Cost");
}, 40_000);

it("says what an evaluation is when there is none, and starts one that compares two versions", async () => {
  gateway.evaluations.addDataset("Harbours");
  const { router } = await renderAt("/evaluations");
  const empty = { name: "Nothing has been evaluated yet" };
  expect(await screen.findByRole("heading", empty, PATIENT)).toBeVisible();
  const start = screen.getAllByRole("button", { name: "New evaluation" });
  await userEvent.click(start[0] as HTMLElement);
  await screen.findByRole("dialog", {}, PATIENT);
  expect(screen.getByRole("button", { name: "Start" })).toBeDisabled();
  await choose(/Dataset/, /Harbours · 1 case/);
  await choose(/Workflow/, /City brief/);
  await choose(/^Version/, /Version 2 · Shorter/);
  await choose(/Compare with/, /Draft/);
  await userEvent.click(screen.getByRole("button", { name: "Start" }));
  await waitFor(
    () => expect(router.state.location.pathname).toMatch(/^\/evaluations\/0190/),
    PATIENT,
  );
  expect(gateway.evaluations.started).toEqual([
    {
      key: expect.stringMatching(/^[0-9a-f-]{36}$/),
      body: {
        dataset_id: "0190-dataset-1",
        workflow_id: "0190-flow",
        version: 2,
        against: "draft",
        at_once: 4,
        budget: null,
      },
    },
  ]);
}, 60_000);

it("says why an evaluation does not start, and begins with the workflow of the link", async () => {
  gateway.evaluations.addDataset("Harbours");
  server.use(http.post("*/v1/evaluations", () => problem(409, "Too many evaluations are running")));
  await renderAt("/evaluations?workflow=0190-flow");
  const dialog = within(await screen.findByRole("dialog", {}, PATIENT));
  await waitFor(
    () => expect(dialog.getByRole("combobox", { name: /Workflow/ })).toHaveValue("City brief"),
    PATIENT,
  );
  await choose(/Dataset/, /Harbours/);
  await userEvent.click(dialog.getByRole("button", { name: "Start" }));
  const alert = await dialog.findByRole("alert", {}, PATIENT);
  expect(alert).toHaveTextContent("Too many evaluations are running");
}, 60_000);

it("makes a dataset of text, and says what is wrong with it", async () => {
  await renderAt("/evaluations");
  expect(await screen.findByText(/There is no dataset yet/, {}, PATIENT)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "New dataset" }));
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Trams");
  const text = screen.getByRole("textbox", { name: "Cases" });
  const write = async (yaml: string) => {
    await userEvent.clear(text);
    await userEvent.click(text);
    await userEvent.paste(yaml);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
  };
  await write("cases: [");
  expect(await screen.findByRole("alert", {}, PATIENT)).toHaveTextContent(
    "This text is no dataset",
  );
  await write("checks: []");
  expect(await screen.findByText(/It needs a list/, {}, PATIENT)).toBeVisible();
  await write("cases:\n  - {name: night, inputs: {line: 3}, golden: N3}");
  expect(await screen.findByRole("button", { name: "Edit Trams" }, PATIENT)).toBeVisible();
  expect([...gateway.evaluations.datasets.values()][0]).toMatchObject({
    name: "Trams",
    dataset: { cases: [{ name: "night", inputs: { line: 3 }, golden: "N3" }] },
  });
}, 60_000);

it("changes a dataset as it was written, and deletes it after asking", async () => {
  gateway.evaluations.addDataset("Harbours", { checks: ["run.status == 'succeeded'"] });
  await renderAt("/evaluations");
  await userEvent.click(await screen.findByRole("button", { name: "Edit Harbours" }, PATIENT));
  const text = await screen.findByRole("textbox", { name: "Cases" }, PATIENT);
  expect(text).toHaveValue(
    "checks:\n  - run.status == 'succeeded'\ncases:\n  - name: harbour\n    inputs:\n      topic: The old harbour\n",
  );
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await userEvent.click(screen.getByRole("button", { name: "Delete Harbours" }));
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }, PATIENT));
  await waitFor(() => expect(gateway.evaluations.datasets.size).toBe(0), PATIENT);
}, 60_000);

it("lets a viewer look, and nothing else", async () => {
  gateway.me = { ...ME, permissions: ["runs:read", "workflows:read"] };
  gateway.evaluations.addDataset("Harbours");
  gateway.evaluations.add();
  await renderAt("/evaluations");
  expect(await screen.findByRole("button", { name: "New evaluation" }, PATIENT)).toBeDisabled();
  expect(await screen.findByRole("button", { name: "Edit Harbours" }, PATIENT)).toBeDisabled();
}, 40_000);

it("shows a failure with its number", async () => {
  gateway.me = { ...ME, permissions: ["runs:read"] };
  server.use(http.get("*/v1/evaluations", () => problem(403, "Not allowed")));
  await renderAt("/evaluations");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
  expect(screen.queryByRole("region", { name: "Datasets" })).toBeNull();
}, 40_000);
