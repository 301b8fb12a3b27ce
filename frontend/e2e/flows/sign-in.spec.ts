/** People come in: refused, let in, brought back to where they wanted to go; set-up of a new server. */
import { HttpResponse, http } from "msw";
import { problem } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("signs in and opens the page that was asked for @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.isSignedIn = false;
  gateway.addWorkflow("", { title: "Market brief" });
  await page.goto("/workflows?x=1");
  await expect(page).toHaveURL(/sign-in\?next=/);
  await accessible(page);
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill("a long password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("link", { name: "Market brief" })).toBeVisible();
  await expect(page).toHaveURL(/\/workflows\?x=1$/);
  await accessible(page);
});

test("says the same of every refusal", async ({ page, gateway }) => {
  gateway.isSignedIn = false;
  gateway.use(http.post("*/v1/auth/login", () => problem(401, "Wrong")));
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill("wrong");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("do not match");
});

test("asks for the code of the second factor, and takes a recovery code @fast", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.isSignedIn = false;
  gateway.door.code = "492039";
  gateway.door.recoveryCodes = ["bcdf-ghjk"];
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill("a long password");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Code" })).toBeFocused();
  await accessible(page);
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("This code is wrong");
  await page.getByRole("button", { name: "Use a recovery code instead" }).press("Enter");
  await expect(page.getByRole("textbox", { name: "Recovery code" })).toBeFocused();
  await accessible(page);
  await page.keyboard.type("bcdf-ghjk");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
  expect(gateway.door.recoveryCodes).toEqual([]);
});

test("asks for the code over the page of an ended session, on a narrow phone", async ({
  page,
  gateway,
  accessible,
}) => {
  await page.setViewportSize({ width: 320, height: 640 });
  gateway.door.code = "492039";
  await page.goto("/settings/profile");
  await expect(page.getByRole("heading", { name: "Profile" }).first()).toBeVisible();
  gateway.isSignedIn = false;
  gateway.use(
    http.get("*/v1/workflows", () =>
      gateway.isSignedIn ? undefined : problem(401, "Not signed in"),
    ),
  );
  await page.getByRole("link", { name: "Workflows" }).click();
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await dialog.getByRole("textbox", { name: "Password" }).fill("a long password");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("textbox", { name: "Code" })).toBeFocused();
  await accessible(page);
  await page.keyboard.type("492039");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
});

test("goes to a provider and comes back signed in, or with the reason", async ({
  page,
  gateway,
}) => {
  gateway.isSignedIn = false;
  gateway.addWorkflow("", { title: "Market brief" });
  gateway.door.providers = [{ id: "corp", title: "Corp", start: "/v1/auth/oidc/corp/start" }];
  const asked: (string | null)[] = [];
  let back = "/sign-in?problem=no-membership";
  gateway.use(
    http.get("*/v1/auth/oidc/corp/start", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("next"));
      return new HttpResponse(null, { status: 303, headers: { location: back } });
    }),
  );
  await page.goto("/workflows?x=1");
  await page.getByRole("link", { name: "Continue with Corp" }).click();
  await expect(page.getByRole("alert")).toContainText("No workspace here lets you in");
  back = "/workflows?x=1";
  gateway.isSignedIn = true;
  await page.getByRole("link", { name: "Continue with Corp" }).click();
  await expect(page.getByRole("link", { name: "Market brief" })).toBeVisible();
  expect(asked).toEqual(["/workflows?x=1", "/"]);
});

test("sets up a new server", async ({ page, gateway, accessible }) => {
  gateway.isSignedIn = false;
  gateway.use(
    http.post("*/v1/auth/setup", async ({ request }) => {
      const body = (await request.json()) as { setup_token: string };
      return body.setup_token === "from the terminal" ? undefined : HttpResponse.error();
    }),
  );
  await page.goto("/welcome");
  await accessible(page);
  await page.getByLabel("Name of the workspace").fill("Workshop");
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill("a long password");
  await page.getByRole("textbox", { name: "Set-up token" }).fill("from the terminal");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page).toHaveURL(/\/$/);
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
});

test("closes the event socket and its subscriptions when somebody signs out", async ({
  page,
  gateway,
}) => {
  const { run } = furnish(gateway);
  const streams = [`run:${run}`, `user:${gateway.me.user.id}`];
  await page.goto(`/runs/${run}`);
  await expect.poll(() => gateway.streams.open).toEqual({ sockets: 1, streams });
  await page.getByRole("button", { name: /account$/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/sign-in/);
  await expect.poll(() => gateway.streams.open).toEqual({ sockets: 0, streams: [] });
  // Whoever comes next begins with a connection of their own.
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill("a long password");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
  await page.goto(`/runs/${run}`);
  await expect.poll(() => gateway.streams.open).toEqual({ sockets: 1, streams });
});
