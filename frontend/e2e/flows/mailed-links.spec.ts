/** Links of mails: a new password, an invitation; each says one thing to whoever holds one that does not count. */
import { HttpResponse, http } from "msw";
import { expect, test } from "../fixtures";

const SECRET = "s".repeat(43);

test("replaces a forgotten password by the link of a mail", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.isSignedIn = false;
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgotten password?" }).click();
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status")).toContainText("If there is an account");
  await accessible(page);
  expect(gateway.door.forgotten).toEqual(["ada@example.org"]);

  gateway.door.resets.add(SECRET);
  await page.goto(`/reset-password#${SECRET}`);
  await expect(page).toHaveURL(/\/reset-password$/);
  const weak = {
    type: "/problems/invalid-request",
    title: "Invalid request",
    status: 422,
    detail: "The password is not acceptable.",
    instance: "/v1/auth/password/reset",
    trace_id: "trace-1",
    errors: [{ path: "password", code: "easy_to_guess", message: "It is easy to guess." }],
  };
  gateway.use(
    http.post(
      "*/v1/auth/password/reset",
      () =>
        HttpResponse.json(weak, {
          status: 422,
          headers: { "content-type": "application/problem+json" },
        }),
      { once: true },
    ),
  );
  await page.getByRole("textbox", { name: "New password" }).fill("password1234");
  await page.keyboard.press("Enter");
  await expect(page.getByText("It is easy to guess")).toBeVisible();
  await accessible(page);
  await page.getByRole("textbox", { name: "New password" }).fill("four unusual words here");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("Your password is changed");
  await page.getByRole("link", { name: "Go to sign in" }).click();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();

  await page.goto(`/reset-password#${SECRET}`);
  await page.getByRole("textbox", { name: "New password" }).fill("four unusual words here");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("does not work any more");
  await page.getByRole("link", { name: "Ask for another link" }).click();
  await expect(page).toHaveURL(/\/forgot-password$/);
});

test("takes an invitation up with a new account", async ({ page, gateway, accessible }) => {
  gateway.isSignedIn = false;
  gateway.door.invite(SECRET);
  await page.goto(`/invitation#${SECRET}`);
  await expect(page.getByText("Harbour office lets you in as editor")).toBeVisible();
  await accessible(page);
  await page.getByRole("textbox", { name: "Choose a password" }).fill("four unusual words here");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /Harbour office.*eve@example.org/ })).toBeVisible();
  await page.goto(`/invitation#${SECRET}`);
  await expect(page.getByRole("alert")).toContainText("does not count any more");
});

test("joins with an account that exists, and with the one that is signed in", async ({
  page,
  gateway,
  accessible,
}) => {
  gateway.isSignedIn = false;
  gateway.door.code = "492039";
  gateway.door.accounts.add(gateway.door.invite(SECRET).email);
  await page.goto(`/invitation#${SECRET}`);
  await page.getByRole("textbox", { name: "Choose a password" }).fill("four unusual words here");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("has an account already");
  await page.getByRole("textbox", { name: "Password" }).fill("the old password");
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Code" }).fill("492039");
  await page.keyboard.press("Enter");
  const join = page.getByRole("button", { name: "Join Harbour office" });
  await expect(join).toBeVisible();
  await accessible(page);
  await join.click();
  await expect(page.getByRole("button", { name: /Harbour office/ })).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
});
