// @vitest-environment jsdom
/** Knowledge: its states, making a collection, sending files, repairing what died, searching, and who may not. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const LIMIT = { timeout: 20_000 };
const MAY = ["memory:read", "memory:write", "memory:manage"];
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, ...MAY] };
  server = gateway.listen();
});
afterEach(() => server.close());

it("says what a collection is for when there is none, and makes one", async () => {
  await renderAt("/memory");
  expect(await screen.findByRole("heading", { name: "Nothing is known yet" }, LIMIT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "New collection" })[0] as Element);
  const dialog = within(await screen.findByRole("dialog", {}, LIMIT));
  await userEvent.type(dialog.getByRole("textbox", { name: "Name" }), "Manuals");
  expect(dialog.getByText(/Begin with a small letter/)).toBeVisible();
  expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await userEvent.clear(dialog.getByRole("textbox", { name: "Name" }));
  await userEvent.type(dialog.getByRole("textbox", { name: "Name" }), "manuals");
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("link", { name: /manuals/ }, LIMIT)).toBeVisible();
  expect(await screen.findByRole("heading", { name: "No documents yet" }, LIMIT)).toBeVisible();
}, 60_000);

it("sends a file and follows it until it can be searched", async () => {
  gateway.library.addCollection("manuals");
  gateway.library.arriving = { collection: "manuals", name: "turbine.txt" };
  await renderAt("/memory?collection=manuals");
  const choose = await screen.findByRole("button", { name: "Choose files" }, LIMIT);
  const input = choose.parentElement?.querySelector("input[type=file]") as HTMLInputElement;
  await userEvent.upload(input, new File(["the turbine"], "turbine.txt", { type: "text/plain" }));
  const row = within(await screen.findByRole("row", { name: /turbine.txt/ }, LIMIT));
  expect(row.getByText("Being made searchable")).toBeVisible();
  gateway.library.change("turbine.txt", { status: "ready" });
  expect(await screen.findByText("Ready", {}, LIMIT)).toBeVisible();
}, 60_000);

it("keeps a file that was refused in sight with the reason", async () => {
  gateway.library.addCollection("manuals");
  server.use(http.post("*/v1/documents", () => problem(413, "The document is too large")));
  await renderAt("/memory?collection=manuals");
  const choose = await screen.findByRole("button", { name: "Choose files" }, LIMIT);
  const input = choose.parentElement?.querySelector("input[type=file]") as HTMLInputElement;
  await userEvent.upload(input, new File(["x"], "big.txt", { type: "text/plain" }));
  expect(await screen.findByText("The document is too large.", {}, LIMIT)).toBeVisible();
}, 60_000);

it("tells why a document died and tries it again", async () => {
  gateway.library.addCollection("manuals");
  gateway.library.addDocument("manuals", "old.pdf", {
    status: "dead",
    problem: { code: "unwell", message: "the model is unwell" },
  });
  await renderAt("/memory?collection=manuals");
  expect(await screen.findByText("the model is unwell", {}, LIMIT)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Actions for old.pdf" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Try again" }, LIMIT));
  expect(await screen.findByText("Waiting", {}, LIMIT)).toBeVisible();
}, 60_000);

it("searches and says where a passage stands", async () => {
  gateway.library.addCollection("manuals");
  const id = gateway.library.addDocument("manuals", "turbine.pdf");
  await renderAt("/memory?collection=manuals&view=search");
  const query = await screen.findByRole("textbox", { name: "Question" }, LIMIT);
  await userEvent.type(query, "bearings{Enter}");
  const hits = within(await screen.findByRole("list", { name: "Passages" }, LIMIT));
  expect(hits.getByText("Page 3")).toBeVisible();
  expect(hits.getByText("No. 1 by meaning")).toBeVisible();
  expect(hits.getByRole("link", { name: "turbine.pdf" })).toHaveAttribute(
    "href",
    expect.stringContaining(id),
  );
}, 60_000);

it("lets a viewer read and change nothing", async () => {
  gateway.me = { ...ME, role: "viewer", permissions: ["memory:read"] };
  gateway.library.addCollection("manuals");
  gateway.library.addDocument("manuals", "turbine.pdf");
  await renderAt("/memory");
  expect(await screen.findByRole("button", { name: "Choose files" }, LIMIT)).toBeDisabled();
  await waitFor(() =>
    expect(screen.getByRole("button", { name: "New collection" })).toBeDisabled(),
  );
  expect(screen.getByRole("button", { name: "Delete" })).toBeDisabled();
}, 60_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/collections", () => problem(403, "Not allowed")));
  await renderAt("/memory");
  expect(await screen.findByText("Request trace-1", {}, LIMIT)).toBeVisible();
  server.use(
    http.get("*/v1/collections", () => HttpResponse.json({ items: [], next_cursor: null })),
  );
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "Nothing is known yet" }, LIMIT)).toBeVisible();
}, 60_000);
