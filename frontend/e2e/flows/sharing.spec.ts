/** Sharing of a workflow: from the list and the builder to its page, and back to everybody. */
import { HttpResponse, http } from "msw";
import type { SaveSharing, Sharing } from "@/api/generated";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

const ANNA = {
  user_id: "0190-anna",
  email: "anna@example.org",
  role: "editor",
  permissions: [],
  provider: null,
  second_factor: false,
  suspended: false,
  disabled: false,
  joined_at: "2026-03-01T00:00:00Z",
};
const ROLE = {
  id: "viewer",
  name: "viewer",
  description: "",
  permissions: [],
  built_in: true,
  etag: '"1"',
};

test("shares a workflow with some people and with everybody again", async ({
  page,
  gateway,
  accessible,
}) => {
  const { workflow } = furnish(gateway);
  let kept: Sharing = { restricted: false, shares: [], etag: '"1"', reach: "edit" };
  const saved: SaveSharing[] = [];
  gateway.use(
    http.get("*/v1/members", () => HttpResponse.json({ items: [ANNA], next_cursor: null })),
    http.get("*/v1/roles", () =>
      HttpResponse.json({ items: [{ ...ROLE, members: 1 }], next_cursor: null }),
    ),
    http.get("*/v1/workflows/:id/sharing", () => HttpResponse.json(kept)),
    http.put("*/v1/workflows/:id/sharing", async ({ request }) => {
      expect(request.headers.get("if-match")).toBe(kept.etag);
      const body = (await request.json()) as SaveSharing;
      saved.push(body);
      kept = { ...kept, ...body, shares: body.shares ?? [], etag: `"${saved.length + 1}"` };
      return HttpResponse.json(kept);
    }),
  );
  await page.goto("/workflows");
  await page.getByRole("button", { name: "Actions for City brief" }).click();
  await page.getByRole("menuitem", { name: "Share" }).click();
  await expect(page.getByRole("heading", { name: "Share “City brief”" })).toBeVisible();
  await accessible(page);
  await page.getByRole("radio", { name: "Some people only" }).check();
  await expect(page.getByRole("heading", { name: "Nobody else yet" })).toBeVisible();
  await page.getByRole("combobox", { name: "Member or role" }).click();
  await page.getByRole("option", { name: "anna@example.org" }).click();
  await page.getByRole("button", { name: "Add" }).click();
  const reach = page.getByRole("combobox", { name: "How far anna@example.org may go" });
  await reach.click();
  await page.getByRole("option", { name: "May edit and share" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Save sharing" }).click();
  await expect(page.getByText(/It holds everywhere within two seconds/)).toBeVisible();
  expect(saved).toEqual([
    { restricted: true, shares: [{ kind: "member", who: "0190-anna", reach: "edit" }] },
  ]);
  await page.getByRole("link", { name: "To the workflow" }).click();
  await page.getByRole("link", { name: "Share" }).click();
  await expect(page).toHaveURL(new RegExp(`/workflows/${workflow}/sharing$`));
  await expect(reach).toHaveValue("May edit and share");
  await page.getByRole("radio", { name: "Everybody in the workspace" }).check();
  await page.getByRole("button", { name: "Save sharing" }).click();
  await expect.poll(() => saved.length).toBe(2);
  expect(saved[1]).toEqual({ restricted: false, shares: [] });
  await accessible(page);
});
