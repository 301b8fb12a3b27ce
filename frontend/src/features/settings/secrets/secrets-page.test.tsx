// @vitest-environment jsdom
/** Secrets: named, replaced and deleted, never shown. */
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Secret } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const SECRET: Secret = {
  name: "smtp_password",
  created_at: "2020-01-01T00:00:00Z",
  updated_at: "2020-01-01T00:00:00Z",
  last_used_at: null,
  etag: '"s1"',
};
let secrets: Secret[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  secrets = [SECRET];
  server = new FakeGateway().listen();
  permit(server, "secrets:read", "secrets:manage");
  server.use(listing("*/v1/secrets", () => secrets));
});
afterEach(() => server.close());

it("lists names and last use, and has no way to read a value", async () => {
  await renderAt("/settings/secrets");
  expect(await screen.findByText("smtp_password", {}, PATIENT)).toBeVisible();
  expect(screen.getByText("never")).toBeVisible();
  expect(screen.queryByRole("button", { name: /show|reveal|copy/i })).toBeNull();
}, 20_000);

it("writes a new secret", async () => {
  secrets = [];
  let written: unknown;
  server.use(
    http.put("*/v1/secrets/:name", async ({ request, params }) => {
      const only = request.headers.get("if-none-match");
      written = { name: params.name, only, ...((await request.json()) as object) };
      secrets = [{ ...SECRET, name: String(params.name) }];
      return HttpResponse.json(secrets[0]);
    }),
  );
  await renderAt("/settings/secrets");
  expect(await screen.findByRole("heading", { name: "No secret yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "New secret" })[0] as HTMLElement);
  await userEvent.type(await screen.findByRole("textbox", { name: /Name/ }), "token");
  await userEvent.type(screen.getByRole("textbox", { name: /Value/ }), "hunter2");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("button", { name: "Rotate token" })).toBeVisible();
  expect(written).toEqual({ name: "token", only: "*", value: "hunter2" });
  expect(screen.queryByText("hunter2")).toBeNull();
}, 20_000);

it("says in the dialog what is wrong with a value", async () => {
  server.use(http.put("*/v1/secrets/:name", () => problem(422, "Not acceptable")));
  await renderAt("/settings/secrets");
  await userEvent.click(
    await screen.findByRole("button", { name: "Rotate smtp_password" }, PATIENT),
  );
  await userEvent.type(await screen.findByRole("textbox", { name: /New value/ }), "x");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Not acceptable");
}, 20_000);

it("deletes a secret after asking", async () => {
  server.use(
    http.delete("*/v1/secrets/smtp_password", () => {
      secrets = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await renderAt("/settings/secrets");
  await userEvent.click(
    await screen.findByRole("button", { name: "Delete smtp_password" }, PATIENT),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("heading", { name: "No secret yet" })).toBeVisible();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/secrets", () => problem(500, "Something broke")));
  await renderAt("/settings/secrets");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets an editor look and says why nothing can be changed", async () => {
  permit(server, "secrets:read");
  await renderAt("/settings/secrets");
  const rotate = await screen.findByRole("button", { name: "Rotate smtp_password" }, PATIENT);
  expect(rotate).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(rotate);
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(await screen.findByRole("tooltip")).toHaveTextContent("Your role does not allow this");
}, 20_000);

it("asks before a value goes over one that somebody else saved meanwhile", async () => {
  const sent: unknown[] = [];
  server.use(
    http.put("*/v1/secrets/smtp_password", async ({ request }) => {
      if (request.headers.get("if-match") !== secrets[0]?.etag) return problem(412, "Changed");
      sent.push(await request.json());
      return HttpResponse.json(secrets[0]);
    }),
  );
  await renderAt("/settings/secrets");
  await userEvent.click(
    await screen.findByRole("button", { name: "Rotate smtp_password" }, PATIENT),
  );
  const value = await screen.findByRole("textbox", { name: /New value/ });
  await userEvent.type(value, "mine");
  secrets = [{ ...SECRET, etag: '"s2"' }];
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert", {}, PATIENT)).toHaveTextContent(
    "Somebody else has saved",
  );
  expect(value).toHaveValue("mine");
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await expect.poll(() => sent, PATIENT).toEqual([{ value: "mine" }]);
}, 40_000);
