/** Programs with a secret of their own: made, rotated and revoked in the settings; the secret is read once. */
import { HttpResponse, http } from "msw";
import type { ApiClient, CreateApiClient, RotateApiClient } from "@/api/generated";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("lets a program in by a client, gives it another secret, and ends it", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  let clients: ApiClient[] = [];
  gateway.use(
    http.get("*/v1/api-clients", () => HttpResponse.json({ items: clients, next_cursor: null })),
    http.post("*/v1/api-clients", async ({ request }) => {
      const wish = (await request.json()) as CreateApiClient;
      const made: ApiClient = {
        id: "0190-client",
        name: wish.name,
        scopes: wish.scopes,
        expires_at: wish.expires_at ?? null,
        created_by: gateway.me.user.email,
        created_at: new Date().toISOString(),
        last_used_at: null,
        old_secret_until: null,
      };
      clients = [made];
      return HttpResponse.json({ ...made, client_secret: "fls_first" }, { status: 201 });
    }),
    http.post("*/v1/api-clients/0190-client/rotate", async ({ request }) => {
      const { grace_hours = 24 } = (await request.json()) as RotateApiClient;
      const until = new Date(Date.now() + grace_hours * 3_600_000).toISOString();
      clients = clients.map((one) => ({ ...one, old_secret_until: until }));
      return HttpResponse.json({ ...clients[0], client_secret: "fls_second" }, { status: 201 });
    }),
    http.delete("*/v1/api-clients/0190-client", () => {
      clients = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await page.goto("/settings/api-keys");
  await page.getByRole("link", { name: "API clients" }).click();
  await expect(page.getByRole("heading", { name: "No API client yet" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "New client" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Warehouse sync");
  await dialog.getByRole("radiogroup", { name: "What it may do" }).getByText("Choose").click();
  await dialog.getByLabel("runs:start").check();
  await accessible(page);
  await dialog.getByRole("button", { name: "Create client" }).click();
  await expect(dialog.getByRole("textbox", { name: "Client secret" })).toHaveText("fls_first");
  await expect(dialog.getByRole("textbox", { name: "Request for a token" })).toHaveText(
    `curl --user "0190-client:$FLOWLOOM_CLIENT_SECRET" --data grant_type=client_credentials ${gateway.url}/v1/oauth/token`,
  );
  await accessible(page);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText("fls_first")).toHaveCount(0);
  const row = page.getByRole("row", { name: /Warehouse sync/ });
  await expect(row).toContainText("runs:start");

  await row.getByRole("button", { name: "Rotate Warehouse sync" }).click();
  await dialog.getByRole("radio", { name: "For an hour more" }).check();
  await dialog.getByRole("button", { name: "Rotate" }).click();
  await expect(dialog.getByRole("textbox", { name: "Client secret" })).toHaveText("fls_second");
  await expect(dialog).toContainText("The old secret works until");
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row).toContainText("The old secret works until");
  await row.getByRole("button", { name: "Rotate Warehouse sync" }).hover();
  await expect(page.getByText("Two secrets work already")).toBeVisible();
  await accessible(page);

  await row.getByRole("button", { name: "Revoke Warehouse sync" }).click();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("heading", { name: "No API client yet" })).toBeVisible();
});
