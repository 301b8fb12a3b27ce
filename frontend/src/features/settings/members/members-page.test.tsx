// @vitest-environment jsdom
/** Members and invitations: roles are changed here, and the server keeps the last owner. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Invitation, Member, WorkspaceRole } from "@/api/generated";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const ADA: Member = {
  user_id: ME.user.id,
  email: ME.user.email,
  role: "owner",
  permissions: [],
  joined_at: "2020-01-01T00:00:00Z",
  provider: null,
  second_factor: true,
  suspended: false,
  disabled: false,
};
const BOB: Member = { ...ADA, user_id: "0190-bob", email: "bob@example.org", role: "editor" };
const INVITED: Invitation = {
  id: "invitation-1",
  email: "eve@example.org",
  role: "viewer",
  invited_by: ME.user.email,
  created_at: "2020-01-01T00:00:00Z",
  expires_at: "2120-01-01T00:00:00Z",
};
const READER: WorkspaceRole = {
  id: "role-1",
  name: "run-reader",
  description: "",
  permissions: ["runs:read"],
  built_in: false,
  etag: '"r1"',
  members: 0,
};
let members: Member[];
let invitations: Invitation[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  members = [ADA, BOB];
  invitations = [];
  server = new FakeGateway().listen();
  permit(server, "members:read", "members:manage");
  server.use(
    listing("*/v1/members", () => members),
    listing("*/v1/invitations", () => invitations),
    listing("*/v1/roles", () => [READER]),
  );
});
afterEach(() => server.close());

async function choose(select: HTMLElement, option: string): Promise<void> {
  await userEvent.click(select);
  await userEvent.click(await screen.findByRole("option", { name: option }));
}

it("lists members, who one is oneself, and that nobody is invited", async () => {
  await renderAt("/settings/members");
  const table = await screen.findByRole("table", { name: "Members" }, PATIENT);
  expect(within(table).getByText("(you)")).toBeVisible();
  expect(screen.getByRole("combobox", { name: "Role of bob@example.org" })).toHaveValue("Editor");
  expect(await screen.findByText("Nobody is invited at the moment.")).toBeVisible();
}, 20_000);

it("changes a role", async () => {
  server.use(
    http.patch("*/v1/members/0190-bob", async ({ request }) => {
      members = [ADA, { ...BOB, ...((await request.json()) as object) }];
      return HttpResponse.json(members[1]);
    }),
  );
  await renderAt("/settings/members");
  const select = await screen.findByRole("combobox", { name: "Role of bob@example.org" }, PATIENT);
  await choose(select, "Admin");
  await waitFor(() => expect(members[1]?.role).toBe("admin"));
  await waitFor(() => expect(select).toHaveValue("Admin"));
}, 20_000);

it("gives a role that the workspace has made", async () => {
  server.use(
    http.patch("*/v1/members/0190-bob", async ({ request }) => {
      members = [ADA, { ...BOB, ...((await request.json()) as object) }];
      return HttpResponse.json(members[1]);
    }),
  );
  await renderAt("/settings/members");
  const select = await screen.findByRole("combobox", { name: "Role of bob@example.org" }, PATIENT);
  await choose(select, "run-reader");
  await waitFor(() => expect(members[1]?.role).toBe("run-reader"));
}, 20_000);

it("says in the server's words that the last owner stays", async () => {
  server.use(http.patch("*/v1/members/*", () => problem(409, "The last owner stays")));
  await renderAt("/settings/members");
  const select = await screen.findByRole("combobox", { name: /Role of ada/ }, PATIENT);
  await choose(select, "Viewer");
  expect(await screen.findByRole("alert")).toHaveTextContent("The last owner stays");
  expect(select).toHaveValue("Owner");
}, 20_000);

it("removes a member after asking", async () => {
  server.use(
    http.delete("*/v1/members/0190-bob", () => {
      members = [ADA];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await renderAt("/settings/members");
  await userEvent.click(
    await screen.findByRole("button", { name: "Remove bob@example.org" }, PATIENT),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Remove" }));
  await waitFor(() =>
    expect(screen.queryByRole("button", { name: "Remove bob@example.org" })).toBeNull(),
  );
}, 20_000);

it("disables an account after asking, enables it again, and leaves one's own alone", async () => {
  const asked: string[] = [];
  server.use(
    http.post("*/v1/members/0190-bob/:deed", ({ params }) => {
      asked.push(String(params.deed));
      members = [ADA, { ...BOB, disabled: params.deed === "disable" }];
      return HttpResponse.json(members[1]);
    }),
  );
  await renderAt("/settings/members");
  const of = "account of bob@example.org";
  await userEvent.click(await screen.findByRole("button", { name: `Disable ${of}` }, PATIENT));
  await userEvent.click(await screen.findByRole("button", { name: "Disable account" }));
  expect(await screen.findByText("Account disabled", {}, PATIENT)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: `Enable ${of}` }));
  expect(await screen.findByRole("button", { name: `Disable ${of}` }, PATIENT)).toBeVisible();
  expect(asked).toEqual(["disable", "enable"]);
  const own = screen.getByRole("button", { name: `Disable account of ${ME.user.email}` });
  expect(own).toHaveAttribute("aria-disabled", "true");
}, 30_000);

it("says in the dialog why an account is not disabled here", async () => {
  server.use(
    http.post("*/v1/members/0190-bob/disable", () =>
      problem(409, "The account is not only yours to disable"),
    ),
  );
  await renderAt("/settings/members");
  await userEvent.click(
    await screen.findByRole("button", { name: "Disable account of bob@example.org" }, PATIENT),
  );
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Disable account" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("not only yours");
}, 30_000);

it("invites somebody, hands over the link once, and can withdraw", async () => {
  server.use(
    http.post("*/v1/invitations", () => {
      invitations = [INVITED];
      const made = { ...INVITED, link: "https://flow.example/join#t", mailed: false };
      return HttpResponse.json(made, { status: 201 });
    }),
    http.delete("*/v1/invitations/invitation-1", () => {
      invitations = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await renderAt("/settings/members");
  await userEvent.click(await screen.findByRole("button", { name: "Invite" }, PATIENT));
  const dialog = await screen.findByRole("dialog");
  await userEvent.type(within(dialog).getByRole("textbox", { name: /E-mail/ }), INVITED.email);
  await userEvent.click(within(dialog).getByRole("button", { name: "Invite" }));
  expect(await screen.findByText("https://flow.example/join#t")).toBeVisible();
  expect(screen.getByText(/hand this link over yourself/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  await userEvent.click(await screen.findByRole("button", { name: /Withdraw the invitation/ }));
  expect(await screen.findByText("Nobody is invited at the moment.")).toBeVisible();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/members", () => problem(500, "Something broke")));
  await renderAt("/settings/members");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets a viewer look, and nothing else", async () => {
  permit(server, "members:read");
  await renderAt("/settings/members");
  const select = await screen.findByRole("combobox", { name: /Role of bob/ }, PATIENT);
  expect(select).toBeDisabled();
  expect(screen.getByRole("button", { name: "Invite" })).toHaveAttribute("aria-disabled", "true");
  expect(screen.queryByRole("heading", { name: "Open invitations" })).toBeNull();
}, 20_000);
