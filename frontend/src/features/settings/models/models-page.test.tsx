// @vitest-environment jsdom
/** Models: listed, added with a key that is only written, called, and one of them the default. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Model, SaveModelWrite, SaveSettings } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const PLATFORM: Model = {
  id: null,
  name: "default",
  kind: "openai_compatible",
  model: "small-chat",
  base_url: "http://models.local/v1",
  calls_tools: true,
  context_tokens: 8_192,
  extra_body: {},
  has_key: false,
  is_default: true,
  price: null,
  temperature: null,
  fallback: null,
  at_once: null,
  per_minute: null,
  source: "platform",
  etag: null,
  updated_at: null,
};
const FAST: Model = {
  ...PLATFORM,
  id: "model-1",
  name: "fast",
  source: "workspace",
  has_key: true,
  is_default: false,
  price: { input: 0.5, output: 2 },
  extra_body: { seed: 7 },
  fallback: "default",
  at_once: 4,
  etag: '"3"',
};
const SETTINGS = {
  default_model: null,
  run_retention_days: 30,
  self_approval: "forbid",
  etag: '"9"',
  updated_at: null,
};
let models: Model[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  models = [PLATFORM, FAST];
  server = new FakeGateway().listen();
  permit(server, "models:read", "models:manage", "settings:read", "settings:manage");
  server.use(
    listing("*/v1/models", () => models),
    http.get("*/v1/settings", () => HttpResponse.json(SETTINGS)),
  );
});
afterEach(() => server.close());

it("lists models with price and key, and keeps the platform's own as it is", async () => {
  await renderAt("/settings/models");
  const fast = await screen.findByRole("region", { name: "fast" }, PATIENT);
  expect(within(fast).getByText("Key is kept")).toBeVisible();
  expect(within(fast).getByText("$0.50 in, $2.00 out for a million tokens")).toBeVisible();
  const platform = screen.getByRole("region", { name: "default" });
  expect(within(platform).getByText("Default")).toBeVisible();
  expect(within(platform).queryByRole("button")).toBeNull();
}, 20_000);

it("says what a model is when there is none, and adds one after a test call", async () => {
  models = [];
  let made: SaveModelWrite | undefined;
  const tested = {
    ok: true,
    answer: "Hello",
    code: null,
    message: null,
    duration_ms: 420,
    tokens: 7,
  };
  server.use(
    http.post("*/v1/models/test", () => HttpResponse.json(tested)),
    http.post("*/v1/models", async ({ request }) => {
      made = (await request.json()) as SaveModelWrite;
      models = [FAST];
      return HttpResponse.json(FAST, { status: 201 });
    }),
  );
  await renderAt("/settings/models");
  expect(await screen.findByRole("heading", { name: "No model yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "Add model" })[0] as HTMLElement);
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: /Name/ }), "fast");
  await userEvent.click(dialog.getByRole("combobox", { name: "Interface" }));
  await userEvent.click(await screen.findByRole("option", { name: "Anthropic (Messages API)" }));
  await userEvent.type(dialog.getByRole("textbox", { name: /Address/ }), "http://models.local/v1");
  await userEvent.type(dialog.getByRole("textbox", { name: /^Model/ }), "small-chat");
  await userEvent.type(dialog.getByLabelText("API key"), "key-of-provider");
  await userEvent.click(dialog.getByRole("combobox", { name: "Stands in" }));
  await userEvent.click(await screen.findByRole("option", { name: "default" }));
  await userEvent.type(dialog.getByRole("textbox", { name: /Calls a minute/ }), "60");
  await userEvent.click(dialog.getByRole("button", { name: "Test call" }));
  expect(await dialog.findByText("0.4 s, 7 tokens")).toBeVisible();
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("region", { name: "fast" })).toBeVisible();
  expect(made).toMatchObject({
    name: "fast",
    kind: "anthropic",
    api_key: "key-of-provider",
    price: null,
    fallback: "default",
    per_minute: 60,
  });
}, 30_000);

it("keeps the key and what the form does not show when a model is changed", async () => {
  models = [PLATFORM, { ...FAST, kind: "anthropic" }];
  let sent: { match: string | null; body: SaveModelWrite } | undefined;
  server.use(
    http.put("*/v1/models/model-1", async ({ request }) => {
      const body = (await request.json()) as SaveModelWrite;
      sent = { match: request.headers.get("if-match"), body };
      return HttpResponse.json(FAST);
    }),
  );
  await renderAt("/settings/models");
  await userEvent.click(await screen.findByRole("button", { name: "Edit fast" }, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByLabelText("API key")).toHaveValue("");
  expect(dialog.getByRole("button", { name: "Test call" })).toBeDisabled();
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toBeDefined());
  expect(sent?.match).toBe('"3"');
  expect(sent?.body).toMatchObject({ kind: "anthropic", api_key: null, extra_body: { seed: 7 } });
  expect(sent?.body).toMatchObject({ fallback: "default", at_once: 4, per_minute: null });
}, 20_000);

it("says why a model does not answer", async () => {
  const failed = {
    ok: false,
    answer: null,
    code: "auth",
    message: "The key is refused.",
    duration_ms: 9,
    tokens: 0,
  };
  server.use(http.post("*/v1/models/model-1/test", () => HttpResponse.json(failed)));
  await renderAt("/settings/models");
  await userEvent.click(await screen.findByRole("button", { name: "Test call to fast" }, PATIENT));
  expect(await screen.findByText("The key is refused. (auth)")).toBeVisible();
}, 20_000);

it("makes a model the default and leaves the other settings as they are", async () => {
  let saved: SaveSettings | undefined;
  server.use(
    http.put("*/v1/settings", async ({ request }) => {
      saved = (await request.json()) as SaveSettings;
      return HttpResponse.json({ ...SETTINGS, ...saved });
    }),
  );
  await renderAt("/settings/models");
  const select = await screen.findByRole("combobox", { name: /Model of steps/ }, PATIENT);
  await waitFor(() => expect(select).toBeEnabled());
  await userEvent.click(select);
  await userEvent.click(await screen.findByRole("option", { name: "fast" }));
  await waitFor(() =>
    expect(saved).toEqual({
      default_model: "fast",
      run_retention_days: 30,
      self_approval: "forbid",
    }),
  );
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/models", () => problem(500, "Something broke")));
  await renderAt("/settings/models");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets a viewer look, and nothing else", async () => {
  permit(server, "models:read", "settings:read");
  await renderAt("/settings/models");
  const edit = await screen.findByRole("button", { name: "Edit fast" }, PATIENT);
  expect(edit).toHaveAttribute("aria-disabled", "true");
  expect(screen.getByRole("combobox", { name: /Model of steps/ })).toBeDisabled();
}, 20_000);

it("keeps what was typed when somebody else changed the model, and saves it over theirs", async () => {
  const sent: { match: string | null; body: SaveModelWrite }[] = [];
  server.use(
    http.put("*/v1/models/:id", async ({ request }) => {
      const match = request.headers.get("if-match");
      if (match !== models[1]?.etag) return problem(412, "Changed meanwhile");
      sent.push({ match, body: (await request.json()) as SaveModelWrite });
      return HttpResponse.json(FAST);
    }),
  );
  await renderAt("/settings/models");
  await userEvent.click(await screen.findByRole("button", { name: "Edit fast" }, PATIENT));
  const address = await screen.findByRole("textbox", { name: "Address" });
  await userEvent.clear(address);
  await userEvent.type(address, "http://other.local/v1");
  models = [PLATFORM, { ...FAST, temperature: 0.7, etag: '"4"' }];
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const notice = await screen.findByRole("alert", {}, PATIENT);
  expect(notice).toHaveTextContent("Temperature Now: 0.7");
  expect(address).toHaveValue("http://other.local/v1");
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await expect.poll(() => sent, PATIENT).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    match: '"4"',
    body: { base_url: "http://other.local/v1", temperature: 0.7, extra_body: { seed: 7 } },
  });
}, 40_000);
