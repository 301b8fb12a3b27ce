/** Settings of money and rights: a budget of a workflow, a role of chosen permissions. */
import { HttpResponse, http } from "msw";
import type { CreateRole, SaveBudgets } from "@/api/generated";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("limits what the workspace may use in a day", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  let saved: SaveBudgets = { items: [] };
  const list = () => ({
    etag: '"1"',
    revision: 1,
    updated_at: null,
    items: saved.items.map((budget) => ({
      budget: { ...budget, target: null, tokens: budget.tokens ?? null, usd_micro: null },
      model: null,
      used_tokens: 900,
      reserved_tokens: 0,
      used_usd_micro: 0,
      reserved_usd_micro: 0,
      tokens_limit: budget.tokens ?? null,
      usd_micro_limit: null,
      resets_at: new Date(Date.now() + 3_600_000).toISOString(),
    })),
  });
  gateway.use(
    http.get("*/v1/budgets", () => HttpResponse.json(list())),
    http.put("*/v1/budgets", async ({ request }) => {
      saved = (await request.json()) as SaveBudgets;
      return HttpResponse.json(list());
    }),
  );
  await page.goto("/settings/budgets");
  await expect(page.getByRole("heading", { name: "No budget yet" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "New budget" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "In each" }).click();
  await page.getByRole("option", { name: "Day" }).click();
  await dialog.getByRole("textbox", { name: "Tokens" }).fill("1000");
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("900 of 1K Tokens")).toBeVisible();
  await accessible(page);
});

test("makes a role of chosen permissions", async ({ page, gateway, accessible }) => {
  furnish(gateway);
  const owner = {
    id: "owner",
    name: "owner",
    description: "",
    permissions: ["runs:read", "approvals:read", "approvals:decide"],
    built_in: true,
    etag: '"1"',
    members: 1,
  };
  let made: CreateRole | undefined;
  const own = () =>
    made
      ? [{ ...made, description: "", id: "0190-role", built_in: false, members: 0, etag: '"1"' }]
      : [];
  gateway.use(
    http.get("*/v1/roles", () =>
      HttpResponse.json({ items: [owner, ...own()], next_cursor: null }),
    ),
    http.post("*/v1/roles", async ({ request }) => {
      made = (await request.json()) as CreateRole;
      return HttpResponse.json(own()[0], { status: 201 });
    }),
  );
  await page.goto("/settings/roles");
  await expect(page.getByRole("heading", { name: "No role of your own yet" })).toBeVisible();
  await page.getByRole("button", { name: "New role" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("night-desk");
  await dialog.getByRole("group", { name: "Approvals" }).getByLabel("Decide").check();
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Edit night-desk" })).toBeVisible();
  expect(made?.permissions).toEqual(["approvals:decide"]);
  await accessible(page);
});

test("reaches every place from a narrow phone", async ({ page, gateway }) => {
  furnish(gateway);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  const places = page.getByRole("navigation", { name: "Main navigation" }).getByRole("link");
  await expect(places).toHaveCount(9);
  for (const place of await places.all()) {
    const box = await place.boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= 360 && box.width >= 24).toBe(true);
  }
  await page.getByRole("link", { name: "Templates" }).click();
  await expect(page).toHaveURL(/\/templates$/);
});
