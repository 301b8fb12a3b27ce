// @vitest-environment jsdom
/** API keys: made with scopes and an end, shown once, revoked; closed to whoever may not manage them. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ApiKey, CreateApiKey, RotateApiKey } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const KEY: ApiKey = {
  id: "key-1",
  name: "Nightly report",
  prefix: "fl_abc",
  scopes: ["runs:read", "runs:start"],
  created_at: "2020-01-01T00:00:00Z",
  last_used_at: null,
  expires_at: "2020-02-01T00:00:00Z",
};
let keys: ApiKey[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  keys = [KEY];
  server = new FakeGateway().listen();
  permit(server, "api_keys:manage", "runs:read", "runs:start");
  server.use(listing("*/v1/api-keys", () => keys));
});
afterEach(() => server.close());

it("lists keys with what they may and when they ended", async () => {
  await renderAt("/settings/api-keys");
  const table = await screen.findByRole("table", { name: "API keys" }, PATIENT);
  const row = within(table).getByRole("row", { name: /Nightly report/ });
  expect(within(row).getByText("runs:start")).toBeVisible();
  expect(within(row).getByText("never")).toBeVisible();
  expect(within(row).getByText("Ended")).toBeVisible();
}, 20_000);

it("makes a key with chosen scopes and shows it once", async () => {
  keys = [];
  let asked: CreateApiKey | undefined;
  server.use(
    http.post("*/v1/api-keys", async ({ request }) => {
      asked = (await request.json()) as CreateApiKey;
      return HttpResponse.json({ id: "key-2", key: "fl_secret_value" }, { status: 201 });
    }),
  );
  await renderAt("/settings/api-keys");
  expect(await screen.findByRole("heading", { name: "No API key yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "New key" })[0] as HTMLElement);
  await userEvent.type(await screen.findByRole("textbox", { name: /Name/ }), "CI");
  expect(screen.getByRole("button", { name: "Close" })).toBeVisible();
  await userEvent.click(screen.getByRole("radio", { name: "Choose" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: "runs:start" }));
  await userEvent.click(screen.getByRole("button", { name: "Create key" }));
  expect(await screen.findByRole("textbox", { name: "API key" })).toHaveTextContent(
    "fl_secret_value",
  );
  expect(asked).toMatchObject({ name: "CI", scopes: ["runs:start"] });
  const days = (new Date(asked?.expires_at ?? 0).getTime() - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  await waitFor(() => expect(screen.queryByText("fl_secret_value")).toBeNull());
}, 20_000);

it("revokes a key after asking", async () => {
  server.use(
    http.delete("*/v1/api-keys/key-1", () => {
      keys = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await renderAt("/settings/api-keys");
  await userEvent.click(
    await screen.findByRole("button", { name: "Revoke Nightly report" }, PATIENT),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Revoke" }));
  expect(await screen.findByRole("heading", { name: "No API key yet" })).toBeVisible();
}, 20_000);

it("rotates a key and shows its successor once", async () => {
  let asked: RotateApiKey | undefined;
  server.use(
    http.post("*/v1/api-keys/key-1/rotate", async ({ request }) => {
      asked = (await request.json()) as RotateApiKey;
      return HttpResponse.json({ id: "key-2", key: "fl_next_value" }, { status: 201 });
    }),
  );
  await renderAt("/settings/api-keys");
  await userEvent.click(
    await screen.findByRole("button", { name: "Rotate Nightly report" }, PATIENT),
  );
  await userEvent.click(await screen.findByRole("radio", { name: "For an hour more" }));
  await userEvent.click(screen.getByRole("button", { name: "Rotate" }));
  expect(await screen.findByRole("textbox", { name: "API key" })).toHaveTextContent(
    "fl_next_value",
  );
  expect(asked).toEqual({ grace_hours: 1 });
}, 20_000);

it("keeps the question open and says why when a revocation is refused", async () => {
  server.use(http.delete("*/v1/api-keys/key-1", () => problem(403, "Not allowed")));
  await renderAt("/settings/api-keys");
  await userEvent.click(
    await screen.findByRole("button", { name: "Revoke Nightly report" }, PATIENT),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Revoke" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Not allowed");
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/api-keys", () => problem(500, "Something broke")));
  await renderAt("/settings/api-keys");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("is closed to a viewer, who asks the server for nothing", async () => {
  permit(server, "runs:read");
  server.use(http.get("*/v1/api-keys", () => problem(500, "Asked all the same")));
  await renderAt("/settings/api-keys");
  expect(await screen.findByRole("heading", { name: "Not for your role" }, PATIENT)).toBeVisible();
  expect(screen.queryByRole("button", { name: "New key" })).toBeNull();
}, 20_000);
