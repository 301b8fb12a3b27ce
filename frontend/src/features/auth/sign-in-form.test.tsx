// @vitest-environment jsdom
/** The form that lets people in: password, then a code for whom one is wanted. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { forgetToken } from "@/api/access-token";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT } from "@/testing/settings";

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.isSignedIn = false;
  gateway.door.code = "492039";
  server = gateway.listen();
});
afterEach(() => {
  forgetToken();
  server.close();
});

async function withPassword() {
  const drawn = await renderAt("/sign-in");
  await userEvent.type(await screen.findByLabelText("E-mail", {}, PATIENT), "ada@example.org");
  await userEvent.type(screen.getByLabelText("Password"), "a long password{Enter}");
  return drawn;
}

it("asks for a code, has it corrected, and lets in", async () => {
  const { store } = await withPassword();
  const code = await screen.findByLabelText("Code", {}, PATIENT);
  expect(code).toHaveFocus();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  await userEvent.type(code, "111111{Enter}");
  expect(await screen.findByRole("alert", {}, PATIENT)).toHaveTextContent("This code is wrong");
  expect(code).toHaveValue("");
  expect(code).toHaveFocus();
  await userEvent.type(code, "492039{Enter}");
  await waitFor(() => expect(store.getState().session.status).toBe("signed_in"), PATIENT);
}, 40_000);

it("takes a recovery code instead", async () => {
  gateway.door.recoveryCodes = ["bcdf-ghjk"];
  const { store } = await withPassword();
  await userEvent.click(
    await screen.findByRole("button", { name: "Use a recovery code instead" }, PATIENT),
  );
  await userEvent.type(screen.getByLabelText("Recovery code"), "bcdf-ghjk{Enter}");
  await waitFor(() => expect(store.getState().session.status).toBe("signed_in"), PATIENT);
  expect(gateway.door.recoveryCodes).toEqual([]);
}, 40_000);

it("keeps waiting for the code while the server is away, and begins anew when the password fails", async () => {
  await withPassword();
  const code = await screen.findByLabelText("Code", {}, PATIENT);
  server.use(http.post("*/v1/auth/login", () => HttpResponse.error(), { once: true }));
  await userEvent.type(code, "492039{Enter}");
  expect(await screen.findByRole("alert", {}, PATIENT)).toHaveTextContent("cannot be reached");
  server.use(http.post("*/v1/auth/login", () => problem(401, "Wrong"), { once: true }));
  await userEvent.type(screen.getByLabelText("Code"), "492039{Enter}");
  expect(await screen.findByLabelText("E-mail", {}, PATIENT)).toHaveValue("ada@example.org");
  expect(screen.getByRole("alert")).toHaveTextContent("do not match");
}, 40_000);

it("offers providers, says why one sent somebody back, and goes on without the list", async () => {
  gateway.door.providers = [{ id: "corp", title: "Corp", start: "/v1/auth/oidc/corp/start" }];
  const first = await renderAt("/sign-in?next=%2Fruns%3Fx%3D1&problem=no-membership");
  const corp = await screen.findByRole("link", { name: "Continue with Corp" }, PATIENT);
  expect(corp).toHaveAttribute("href", "/v1/auth/oidc/corp/start?next=%2Fruns%3Fx%3D1");
  expect(screen.getByRole("alert")).toHaveTextContent("No workspace here lets you in");
  first.unmount();
  server.use(http.get("*/v1/auth/providers", () => problem(500, "Broken")));
  await renderAt("/sign-in");
  expect(await screen.findByRole("button", { name: "Try again" }, PATIENT)).toBeVisible();
  expect(screen.getByLabelText("Password")).toBeVisible();
}, 40_000);
