// @vitest-environment jsdom
/** What the page does when its session ends, or is somebody else's: the person keeps it, the next one never sees it. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { forgetToken, keepToken } from "@/api/access-token";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT } from "@/testing/settings";
import { followSession } from "./listeners";

const BOB = { id: "0190-bob", email: "bob@example.org" };
const issued = (user: { id: string }) => ({ access_token: `of ${user.id}`, expires_in: 300, user });

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
let unfollow: () => void;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.me = { ...ME, permissions: [...ME.permissions, "settings:read", "settings:manage"] };
  server = gateway.listen();
  server.use(
    http.get("*/v1/settings", () =>
      HttpResponse.json({
        run_retention_days: 30,
        self_approval: "allow",
        default_model: null,
        etag: '"1"',
      }),
    ),
  );
});
afterEach(() => {
  unfollow();
  forgetToken();
  server.close();
});

/** Ada has typed something that is not saved. */
async function typing() {
  const drawn = await renderAt("/settings/workspace");
  unfollow = followSession(drawn.store);
  const days = await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT);
  await userEvent.clear(days);
  await userEvent.type(days, "77");
  return { ...drawn, days };
}

it("asks to sign in over the page when the session has ended, and keeps what was typed", async () => {
  const { store, days } = await typing();
  gateway.isSignedIn = false;
  forgetToken();
  expect(await screen.findByRole("dialog", {}, PATIENT)).toBeVisible();
  expect(store.getState().session.status).toBe("expired");
  expect(days).toHaveValue("77");
}, 40_000);

it("draws the page anew when another tab has signed somebody else in", async () => {
  const { store, days } = await typing();
  gateway.me = { ...gateway.me, user: BOB };
  server.use(http.post("*/v1/auth/refresh", () => HttpResponse.json(issued(BOB))));
  keepToken(issued(BOB));
  expect(await screen.findByRole("button", { name: /bob@example.org/ }, PATIENT)).toBeVisible();
  await waitFor(() => expect(days).not.toBeInTheDocument(), PATIENT);
  const again = await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT);
  expect(again).toHaveValue("30");
  expect(store.getState().session.me?.user).toEqual(BOB);
}, 40_000);

it("forgets the person before when somebody else signs in over their page", async () => {
  const { store, days } = await typing();
  gateway.isSignedIn = false;
  server.use(http.get("*/v1/settings", () => problem(401, "Not signed in")));
  forgetToken();
  await screen.findByRole("dialog", {}, PATIENT);
  gateway.me = { ...gateway.me, user: BOB };
  server.use(
    http.post("*/v1/auth/login", () => HttpResponse.json(issued(BOB))),
    http.post("*/v1/auth/refresh", () => HttpResponse.json(issued(BOB))),
    http.get("*/v1/settings", () =>
      HttpResponse.json({
        run_retention_days: 5,
        self_approval: "allow",
        default_model: null,
        etag: '"9"',
      }),
    ),
  );
  const email = await screen.findByRole("textbox", { name: "E-mail" });
  await userEvent.clear(email);
  await userEvent.type(email, BOB.email);
  await userEvent.type(screen.getByLabelText("Password"), "a long password");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("button", { name: /bob@example.org/ }, PATIENT)).toBeVisible();
  await waitFor(() => expect(days).not.toBeInTheDocument(), PATIENT);
  expect(await screen.findByRole("textbox", { name: /Keep ended runs/ }, PATIENT)).toHaveValue("5");
  expect(store.getState().session.status).toBe("signed_in");
}, 40_000);
