// @vitest-environment jsdom
/** The workspace's settings: saved together over the state that was read. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SaveSettings, WorkspaceSettings } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT, permit } from "@/testing/settings";

let settings: WorkspaceSettings;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  settings = {
    default_model: "fast",
    run_retention_days: null,
    self_approval: "allow",
    etag: '"1"',
    updated_at: null,
  };
  server = new FakeGateway().listen();
  permit(server, "settings:read", "settings:manage");
  server.use(
    http.get("*/v1/settings", () => HttpResponse.json(settings)),
    http.put("*/v1/settings", async ({ request }) => {
      if (request.headers.get("if-match") !== settings.etag) return problem(412, "Changed");
      const body = (await request.json()) as Required<SaveSettings>;
      settings = { ...settings, ...body, etag: `${settings.etag}+` };
      return HttpResponse.json(settings);
    }),
  );
});
afterEach(() => server.close());

const PAGE = "/settings/workspace";

it("saves what was changed, and keeps the default model", async () => {
  await renderAt(PAGE);
  const days = await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT);
  expect(days).toHaveValue("");
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await userEvent.type(days, "90");
  await userEvent.click(screen.getByRole("switch", { name: /may approve/ }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Saved.")).toBeVisible();
  expect(settings).toMatchObject({
    default_model: "fast",
    run_retention_days: 90,
    self_approval: "forbid",
  });
}, 20_000);

it("keeps what was typed when somebody else saved, and saves it over theirs when asked", async () => {
  await renderAt(PAGE);
  const days = await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT);
  settings = { ...settings, run_retention_days: 7, self_approval: "forbid", etag: '"other"' };
  await userEvent.type(days, "90");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const notice = await screen.findByRole("alert");
  expect(notice).toHaveTextContent("Somebody else has saved this meanwhile");
  expect(notice).toHaveTextContent("Keep ended runs for days Now: 7Yours: 90");
  expect(days).toHaveValue("90");
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByRole("switch", { name: /may approve/ })).not.toBeChecked();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(settings).toMatchObject({ run_retention_days: 90 }));
  expect(settings.self_approval).toBe("forbid");
}, 20_000);

it("takes what somebody else saved when asked", async () => {
  await renderAt(PAGE);
  const days = await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT);
  settings = { ...settings, run_retention_days: 7, etag: '"other"' };
  await userEvent.type(days, "90");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take theirs" }));
  expect(days).toHaveValue("7");
  expect(screen.queryByRole("alert")).toBeNull();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/settings", () => problem(500, "Something broke")));
  await renderAt(PAGE);
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets a viewer look, and says why nothing can be changed", async () => {
  permit(server, "settings:read");
  await renderAt(PAGE);
  const days = await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT);
  expect(days).toBeDisabled();
  expect(screen.getByText("Your role does not allow this")).toBeVisible();
}, 20_000);
