// @vitest-environment jsdom
/** API clients: made with a secret that is shown once, rotated by their makers only, revoked after a question. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type {
  ApiClient,
  ApiClientCreated,
  CreateApiClient,
  RotateApiClient,
} from "@/api/generated";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const CLIENT: ApiClient = {
  id: "0190-client-1",
  name: "Warehouse sync",
  created_by: ME.user.email,
  scopes: ["runs:read", "runs:start"],
  created_at: "2020-01-01T00:00:00Z",
  last_used_at: null,
  expires_at: null,
  old_secret_until: null,
};
const SOON = () => new Date(Date.now() + 3_600_000).toISOString();
let clients: ApiClient[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  clients = [CLIENT];
  server = new FakeGateway().listen();
  permit(server, "api_clients:manage", "runs:read", "runs:start");
  server.use(listing("*/v1/api-clients", () => clients));
});
afterEach(() => server.close());

async function rowOf(name: RegExp) {
  const table = await screen.findByRole("table", { name: "API clients" }, PATIENT);
  return within(within(table).getByRole("row", { name }));
}

function made(more: Partial<ApiClientCreated> = {}) {
  return HttpResponse.json(
    { ...CLIENT, id: "0190-client-2", client_secret: "fls_shown_once", ...more },
    { status: 201 },
  );
}

it("lists clients with what they may, whom they act for, and when they end", async () => {
  clients = [
    CLIENT,
    { ...CLIENT, id: "0190-old", name: "Old", expires_at: "2020-02-01T00:00:00Z" },
  ];
  await renderAt("/settings/api-clients");
  const row = await rowOf(/Warehouse sync/);
  expect(row.getByText("runs:start")).toBeVisible();
  expect(row.getByText("0190-client-1")).toBeVisible();
  expect(row.getByText(`Acts for ${ME.user.email}`)).toBeVisible();
  expect(row.getAllByText("never")).toHaveLength(2);
  expect((await rowOf(/Old/)).getByText("Ended")).toBeVisible();
}, 20_000);

it("makes a client and shows its secret once, beside the request for a token", async () => {
  clients = [];
  let asked: CreateApiClient | undefined;
  server.use(
    http.post("*/v1/api-clients", async ({ request }) => {
      asked = (await request.json()) as CreateApiClient;
      return made();
    }),
  );
  const { store } = await renderAt("/settings/api-clients");
  expect(await screen.findByRole("heading", { name: "No API client yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "New client" })[0] as HTMLElement);
  await userEvent.type(await screen.findByRole("textbox", { name: /Name/ }), "Sync");
  await userEvent.click(screen.getByRole("button", { name: "Create client" }));
  const secret = await screen.findByRole("textbox", { name: "Client secret" });
  expect(secret).toHaveTextContent("fls_shown_once");
  expect(screen.getByRole("textbox", { name: "Client id" })).toHaveTextContent("0190-client-2");
  expect(screen.getByRole("textbox", { name: "Request for a token" }).textContent).toBe(
    `curl --user "0190-client-2:$FLOWLOOM_CLIENT_SECRET" --data grant_type=client_credentials ${location.origin}/v1/oauth/token`,
  );
  expect(asked).toMatchObject({ name: "Sync", scopes: ["runs:read"] });
  await userEvent.keyboard("{Escape}");
  expect(secret).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  await waitFor(() => expect(screen.queryByText("fls_shown_once")).toBeNull());
  expect(JSON.stringify(store.getState())).not.toContain("fls_shown_once");
}, 20_000);

it("rotates a secret, and says until when the old one works", async () => {
  let asked: RotateApiClient | undefined;
  server.use(
    http.post("*/v1/api-clients/0190-client-1/rotate", async ({ request }) => {
      asked = (await request.json()) as RotateApiClient;
      clients = [{ ...CLIENT, old_secret_until: SOON() }];
      return made({ id: CLIENT.id, old_secret_until: SOON() });
    }),
  );
  await renderAt("/settings/api-clients");
  const rotate = { name: "Rotate Warehouse sync" };
  await userEvent.click(await screen.findByRole("button", rotate, PATIENT));
  await userEvent.click(await screen.findByRole("radio", { name: "For an hour more" }));
  await userEvent.click(screen.getByRole("button", { name: "Rotate" }));
  expect(await screen.findByRole("textbox", { name: "Client secret" })).toBeVisible();
  expect(within(screen.getByRole("dialog")).getByText(/The old secret works until/)).toBeVisible();
  expect(asked).toEqual({ grace_hours: 1 });
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const row = await rowOf(/Warehouse sync/);
  expect(row.getByText(/The old secret works until/)).toBeVisible();
  expect(row.getByRole("button", rotate)).toHaveAttribute("aria-disabled", "true");
}, 20_000);

it("says why somebody else's client and one that has ended are not rotated", async () => {
  clients = [
    { ...CLIENT, created_by: "grace@example.org" },
    { ...CLIENT, id: "0190-old", name: "Old", expires_at: "2020-02-01T00:00:00Z" },
  ];
  await renderAt("/settings/api-clients");
  const others = (await rowOf(/Warehouse sync/)).getByRole("button", { name: /Rotate/ });
  await userEvent.click(others);
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(await screen.findByText(/Only grace@example.org can rotate it/)).toBeInTheDocument();
  await userEvent.hover((await rowOf(/Old/)).getByRole("button", { name: /Rotate/ }));
  expect(await screen.findByText("It has ended: make a new client")).toBeInTheDocument();
}, 20_000);

it("revokes a client after asking, and keeps the question open when that is refused", async () => {
  let refusals = 1;
  server.use(
    http.delete("*/v1/api-clients/0190-client-1", () => {
      if (refusals-- > 0) return problem(403, "Not allowed");
      clients = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await renderAt("/settings/api-clients");
  const revoke = { name: "Revoke Warehouse sync" };
  await userEvent.click(await screen.findByRole("button", revoke, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/its tokens end within two seconds/)).toBeVisible();
  await userEvent.click(dialog.getByRole("button", { name: "Revoke" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent("Not allowed");
  await userEvent.click(dialog.getByRole("button", { name: "Revoke" }));
  expect(await screen.findByRole("heading", { name: "No API client yet" })).toBeVisible();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/api-clients", () => problem(500, "Something broke")));
  await renderAt("/settings/api-clients");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("is closed to a viewer, who asks the server for nothing", async () => {
  permit(server, "runs:read");
  server.use(http.get("*/v1/api-clients", () => problem(500, "Asked all the same")));
  await renderAt("/settings/api-clients");
  expect(await screen.findByRole("heading", { name: "Not for your role" }, PATIENT)).toBeVisible();
  expect(screen.queryByRole("button", { name: "New client" })).toBeNull();
}, 20_000);
