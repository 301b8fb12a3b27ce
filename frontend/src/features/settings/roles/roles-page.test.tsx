// @vitest-environment jsdom
/** Roles: those of every workspace, and own ones made of permissions that one has. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ChangeRole, CreateRole, WorkspaceRole } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const ALL = ["runs:read", "runs:start", "approvals:decide", "secrets:manage", "members:manage"];
const OWNER: WorkspaceRole = {
  id: "owner",
  name: "owner",
  description: "",
  permissions: ALL,
  built_in: true,
  members: 1,
  etag: null,
};
const LEAD: WorkspaceRole = {
  id: "0190-role",
  name: "support-lead",
  description: "Decides at night.",
  permissions: ["runs:read", "approvals:decide"],
  built_in: false,
  members: 2,
  etag: '"r1"',
};
let roles: WorkspaceRole[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  roles = [OWNER, LEAD];
  server = new FakeGateway().listen();
  permit(server, "members:read", "members:manage", "runs:read", "approvals:decide");
  server.use(listing("*/v1/roles", () => roles));
});
afterEach(() => server.close());

it("lists what each role may do, and lets only own ones be changed", async () => {
  await renderAt("/settings/roles");
  expect(await screen.findByText("support-lead", {}, PATIENT)).toBeVisible();
  expect(screen.getByText("2 permissions")).toBeVisible();
  expect(screen.getByText("Runs, Approvals")).toBeVisible();
  expect(screen.getByRole("button", { name: "Edit support-lead" })).toBeEnabled();
  expect(screen.queryByRole("button", { name: "Edit owner" })).toBeNull();
}, 20_000);

it("makes the first role, of what one may do oneself", async () => {
  roles = [OWNER];
  let made: CreateRole | undefined;
  server.use(
    http.post("*/v1/roles", async ({ request }) => {
      made = (await request.json()) as CreateRole;
      roles = [OWNER, { ...LEAD, name: made.name }];
      return HttpResponse.json(roles[1], { status: 201 });
    }),
  );
  await renderAt("/settings/roles");
  const empty = await screen.findByRole("heading", { name: "No role of your own yet" }, PATIENT);
  expect(empty).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "New role" })[0] as HTMLElement);
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: /Name/ }), "night-desk");
  const secrets = within(dialog.getByRole("group", { name: "Secrets" }));
  expect(secrets.getByRole("checkbox", { name: "Manage" })).toBeDisabled();
  const approvals = within(dialog.getByRole("group", { name: "Approvals" }));
  await userEvent.click(approvals.getByRole("checkbox", { name: "Decide" }));
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("night-desk")).toBeVisible();
  expect(made).toEqual({ name: "night-desk", description: "", permissions: ["approvals:decide"] });
}, 20_000);

it("says who still has a role that is to be deleted", async () => {
  server.use(http.delete("*/v1/roles/0190-role", () => problem(409, "Bob has this role")));
  await renderAt("/settings/roles");
  await userEvent.click(
    await screen.findByRole("button", { name: "Delete support-lead" }, PATIENT),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Bob has this role");
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/roles", () => problem(500, "Something broke")));
  await renderAt("/settings/roles");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("keeps what was typed when somebody else changed the role, and saves it over theirs", async () => {
  const sent: ChangeRole[] = [];
  server.use(
    http.patch("*/v1/roles/0190-role", async ({ request }) => {
      if (request.headers.get("if-match") !== roles[1]?.etag) return problem(412, "Changed");
      sent.push((await request.json()) as ChangeRole);
      return HttpResponse.json(LEAD);
    }),
  );
  await renderAt("/settings/roles");
  await userEvent.click(await screen.findByRole("button", { name: "Edit support-lead" }, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  const description = dialog.getByRole("textbox", { name: "What it is for" });
  await userEvent.clear(description);
  await userEvent.type(description, "Decides by day.");
  roles = [OWNER, { ...LEAD, permissions: ["approvals:decide"], etag: '"r2"' }];
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  const notice = await dialog.findByRole("alert", {}, PATIENT);
  expect(notice).toHaveTextContent("May do Now: approvals:decide");
  await userEvent.click(dialog.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  await expect.poll(() => sent, PATIENT).toHaveLength(1);
  expect(sent[0]).toEqual({ description: "Decides by day.", permissions: ["approvals:decide"] });
}, 40_000);
