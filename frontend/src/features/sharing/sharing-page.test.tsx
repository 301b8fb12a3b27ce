// @vitest-environment jsdom
/** With whom a workflow is shared: its states, a change, and what somebody else changed meanwhile. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Member, SaveSharing, Sharing, WorkspaceRole } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

const SLOW = { timeout: 10_000 };
const OPEN: Sharing = { restricted: false, shares: [], etag: '"1"', reach: "edit" };
const ANNA = { user_id: "0190-anna", email: "anna@example.org", role: "editor" } as Member;
const ROLES = ["owner", "admin", "editor", "viewer"].map(
  (name) => ({ id: name, name, built_in: true }) as WorkspaceRole,
);

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
let kept: Sharing;
let saved: { body: SaveSharing; match: string | null }[];
beforeEach(() => {
  gateway = new FakeGateway();
  server = gateway.listen();
  kept = OPEN;
  saved = [];
  server.use(
    http.get("*/v1/members", () => HttpResponse.json({ items: [ANNA], next_cursor: null })),
    http.get("*/v1/roles", () => HttpResponse.json({ items: ROLES, next_cursor: null })),
    http.get("*/v1/workflows/:id/sharing", () => HttpResponse.json(kept)),
    http.put("*/v1/workflows/:id/sharing", async ({ request }) => {
      const match = request.headers.get("if-match");
      if (match !== kept.etag) return problem(412, "The sharing has changed meanwhile");
      const body = (await request.json()) as SaveSharing;
      saved.push({ body, match });
      kept = { ...kept, restricted: body.restricted, shares: body.shares ?? [], etag: '"2"' };
      return HttpResponse.json(kept);
    }),
  );
});
afterEach(() => server.close());

async function open() {
  const { id } = gateway.addWorkflow("", { title: "Payroll" });
  await renderAt(`/workflows/${id}/sharing`);
  expect(await screen.findByRole("heading", { name: "Share “Payroll”" }, SLOW)).toBeVisible();
}

async function choose(label: string, option: string) {
  await userEvent.click(screen.getByRole("combobox", { name: label }));
  await userEvent.click(await screen.findByRole("option", { name: option }));
}

it("shares with a member and a role, each so far", async () => {
  await open();
  await userEvent.click(screen.getByRole("radio", { name: "Some people only" }));
  expect(screen.getByRole("heading", { name: "Nobody else yet" })).toBeVisible();
  await choose("Member or role", "anna@example.org");
  await choose("How far", "May run and decide");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  await choose("Member or role", "Everybody with the role Viewers");
  await choose("How far", "May look");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  await userEvent.click(screen.getByRole("button", { name: "Save sharing" }));
  await waitFor(() => expect(saved).toHaveLength(1), SLOW);
  expect(saved).toEqual([
    {
      match: '"1"',
      body: {
        restricted: true,
        shares: [
          { kind: "member", who: "0190-anna", reach: "run" },
          { kind: "role", who: "viewer", reach: "view" },
        ],
      },
    },
  ]);
}, 40_000);

it("takes back what was given", async () => {
  kept = {
    ...OPEN,
    restricted: true,
    shares: [
      { kind: "member", who: "0190-anna", reach: "view" },
      { kind: "member", who: "0190-gone", reach: "edit" },
    ],
  };
  await open();
  const list = screen.getByRole("list", { name: "Shared with" });
  expect(within(list).getByText("Somebody who is not a member any more")).toBeVisible();
  const back = "Take it back from anna@example.org";
  await userEvent.click(within(list).getByRole("button", { name: back }));
  await userEvent.click(screen.getByRole("button", { name: "Save sharing" }));
  await waitFor(() => expect(saved).toHaveLength(1), SLOW);
  expect(saved[0]?.body.shares).toEqual([{ kind: "member", who: "0190-gone", reach: "edit" }]);
}, 40_000);

it("keeps what was chosen when somebody else shared it meanwhile, and puts both together", async () => {
  await open();
  await userEvent.click(screen.getByRole("radio", { name: "Some people only" }));
  await choose("Member or role", "anna@example.org");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  kept = { ...OPEN, shares: [{ kind: "role", who: "viewer", reach: "view" }], etag: '"7"' };
  await userEvent.click(screen.getByRole("button", { name: "Save sharing" }));
  const notice = await screen.findByRole("alert", {}, SLOW);
  expect(notice).toHaveTextContent("Everybody with the role Viewers Now: May look");
  expect(saved).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(screen.getByRole("button", { name: "Save sharing" }));
  await waitFor(() => expect(saved).toHaveLength(1), SLOW);
  expect(saved[0]).toEqual({
    match: '"7"',
    body: {
      restricted: true,
      shares: [
        { kind: "member", who: "0190-anna", reach: "view" },
        { kind: "role", who: "viewer", reach: "view" },
      ],
    },
  });
}, 40_000);

it("takes what somebody else chose when asked", async () => {
  await open();
  kept = { ...OPEN, restricted: true, etag: '"7"' };
  await userEvent.click(screen.getByRole("button", { name: "Save sharing" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take theirs" }, SLOW));
  const some = { name: "Some people only", checked: true };
  expect(await screen.findByRole("radio", some, SLOW)).toBeVisible();
}, 40_000);

it("lets those look who may not change it", async () => {
  kept = {
    ...OPEN,
    restricted: true,
    shares: [{ kind: "role", who: "editor", reach: "view" }],
    reach: "view",
  };
  await open();
  expect(screen.getByText(/you need to be allowed to edit/)).toBeVisible();
  expect(screen.getByRole("radio", { name: "Some people only" })).toBeDisabled();
  expect(screen.queryByRole("button", { name: "Save sharing" })).toBeNull();
}, 40_000);

it("shows a failure with a way to try again", async () => {
  gateway.addWorkflow("", { title: "Payroll" });
  server.use(http.get("*/v1/workflows/:id/sharing", () => problem(404, "Workflow not found")));
  await renderAt("/workflows/0190-workflow-1/sharing");
  expect(await screen.findByText("Request trace-1", {}, SLOW)).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
}, 40_000);
