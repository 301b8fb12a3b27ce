// @vitest-environment jsdom
/** The secret of a mailed link is not left where the browser keeps addresses. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { forgetToken } from "@/api/access-token";
import { FakeGateway } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT } from "@/testing/settings";

const SECRET = "s".repeat(43);
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.isSignedIn = false;
  server = gateway.listen();
});
afterEach(() => {
  forgetToken();
  server.close();
});

it("takes the secret out of the address and still uses it", async () => {
  gateway.door.resets.add(SECRET);
  const { router } = await renderAt(`/reset-password#${SECRET}`);
  const password = await screen.findByLabelText("New password", {}, PATIENT);
  await waitFor(() => expect(router.state.location.hash).toBe(""));
  await userEvent.type(password, "four unusual words here");
  await userEvent.click(screen.getByRole("button", { name: "Save password" }));
  expect(await screen.findByRole("alert", {}, PATIENT)).toHaveTextContent("password is changed");
  expect(gateway.door.resets).toEqual(new Set());
}, 40_000);

it.each(["", `#${SECRET}`])(
  "says the same of a link without use %j",
  async (hash) => {
    await renderAt(`/invitation${hash}`);
    const alert = await screen.findByRole("alert", {}, PATIENT);
    expect(alert).toHaveTextContent("does not count any more");
  },
  40_000,
);

it("joins as who is signed in, and works in the other workspace at once", async () => {
  gateway.isSignedIn = true;
  gateway.door.invite(SECRET);
  const { store, router } = await renderAt(`/invitation#${SECRET}`);
  const join = await screen.findByRole("button", { name: "Join Harbour office" }, PATIENT);
  await userEvent.click(join);
  await waitFor(
    () => expect(store.getState().session.me?.workspace.name).toBe("Harbour office"),
    PATIENT,
  );
  expect(router.state.location.pathname).toBe("/");
}, 40_000);
