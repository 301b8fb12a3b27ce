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
