/** Several workspaces of one person: gone over to from everywhere, made, and nothing of one shown in another. */
import { HttpResponse, http } from "msw";
import { problem } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

const HARBOUR = { id: "0190-harbour", name: "Harbour office" };

test("goes over to another workspace by keyboard, and leaves nothing of the one before", async ({
  page,
  gateway,
  accessible,
}) => {
  const { run } = furnish(gateway);
  gateway.door.workspaces = [HARBOUR];
  const person = `user:${gateway.me.user.id}`;
  await page.goto(`/runs/${run}`);
  await expect
    .poll(() => gateway.streams.open)
    .toEqual({ sockets: 1, streams: [`run:${run}`, person] });
  gateway.use(
    http.get("*/v1/workflows", () =>
      gateway.me.workspace.id === HARBOUR.id
        ? HttpResponse.json({ items: [], next_cursor: null })
        : undefined,
    ),
  );
  await page.getByRole("button", { name: /account$/ }).press("Enter");
  const item = page.getByRole("menuitem", { name: "Harbour office" });
  await expect(item).toBeVisible();
  await accessible(page);
  await item.press("Enter");
  await expect(page.getByRole("button", { name: /Harbour office/ })).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  // The line is a new one, and follows nothing of the workspace before.
  await expect.poll(() => gateway.streams.open).toEqual({ sockets: 1, streams: [person] });
  await page.getByRole("link", { name: "Workflows", exact: true }).click();
  await expect(page.getByRole("main")).not.toContainText("City brief");
});

test("makes a workspace on a narrow phone, and says why one does not open", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.door.workspaces = [HARBOUR];
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto("/");
  const account = page.getByRole("button", { name: /account$/ });
  gateway.use(
    http.post("*/v1/workspaces/:id/switch", () => problem(404, "Workspace not found"), {
      once: true,
    }),
  );
  await account.click();
  await page.getByRole("menuitem", { name: "Harbour office" }).click();
  await expect(page.getByText("Harbour office did not open")).toBeVisible();
  await account.click();
  await page.getByRole("menuitem", { name: "New workspace" }).click();
  const dialog = page.getByRole("dialog", { name: "New workspace" });
  await expect(dialog.getByRole("button", { name: "Create" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Name" }).fill("Night desk");
  await accessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Night desk/ })).toBeVisible();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});
