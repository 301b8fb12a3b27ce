// @vitest-environment jsdom
/** One's own account: password, second factor, sessions. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { MySession, SecondFactor } from "@/api/generated";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const HERE: MySession = {
  id: "session-1",
  current: true,
  device: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  address: "203.0.113.7",
  workspace: ME.workspace,
  created_at: "2020-01-01T00:00:00Z",
  last_used_at: "2020-01-01T00:00:00Z",
};
const OTHER: MySession = { ...HERE, id: "session-2", current: false, device: "curl/8.5" };
let sessions: MySession[];
let factor: SecondFactor;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  sessions = [HERE, OTHER];
  factor = { enabled: false, recovery_codes_left: 0 };
  server = new FakeGateway().listen();
  permit(server);
  server.use(
    listing("*/v1/sessions", () => sessions),
    http.get("*/v1/me/totp", () => HttpResponse.json(factor)),
  );
});
afterEach(() => server.close());

async function changePassword(): Promise<void> {
  const current = await screen.findByLabelText("Current password", {}, PATIENT);
  await userEvent.type(current, "old-password-1");
  await userEvent.type(screen.getByLabelText("New password"), "new-password-22");
  await userEvent.type(screen.getByLabelText("New password again"), "new-password-22");
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
}

it("changes the password", async () => {
  let asked: unknown;
  server.use(
    http.post("*/v1/me/password", async ({ request }) => {
      asked = await request.json();
      const session = { access_token: "next", expires_in: 300, token_type: "Bearer" };
      return HttpResponse.json({ ...session, user: ME.user });
    }),
  );
  await renderAt("/settings/profile");
  await changePassword();
  expect(await screen.findByText(/every other session has ended/)).toBeVisible();
  expect(asked).toEqual({ current_password: "old-password-1", new_password: "new-password-22" });
  expect(screen.getByLabelText("Current password")).toHaveValue("");
}, 20_000);

it("says what is wrong with a password before and after it is sent", async () => {
  server.use(http.post("*/v1/me/password", () => problem(422, "The current one is another")));
  await renderAt("/settings/profile");
  await userEvent.type(await screen.findByLabelText("New password", {}, PATIENT), "short");
  expect(screen.getByText("At least 12 characters")).toBeVisible();
  expect(screen.getByRole("button", { name: "Change password" })).toBeDisabled();
  await userEvent.clear(screen.getByLabelText("New password"));
  await changePassword();
  expect(await screen.findByRole("alert")).toHaveTextContent("The current one is another");
}, 20_000);

it("switches the second factor on and shows the recovery codes", async () => {
  const begun = { secret: "JBSWY3DP", otpauth_uri: "otpauth://totp/x", qr_svg: "<svg/>" };
  server.use(
    http.post("*/v1/me/totp", () => HttpResponse.json(begun, { status: 201 })),
    http.post("*/v1/me/totp/confirm", async ({ request }) => {
      const { code } = (await request.json()) as { code: string };
      if (code !== "123456") return problem(422, "Not the code");
      factor = { enabled: true, recovery_codes_left: 2 };
      return HttpResponse.json({ codes: ["aaaa-1111", "bbbb-2222"] });
    }),
  );
  await renderAt("/settings/profile");
  await userEvent.click(await screen.findByRole("button", { name: "Switch on" }, PATIENT));
  const dialog = await screen.findByRole("dialog");
  await userEvent.type(dialog.querySelector("input") as HTMLElement, "old-password-1");
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  const picture = await screen.findByRole("img", { name: /QR code/ });
  expect(picture).toHaveAttribute("src", "data:image/svg+xml,%3Csvg%2F%3E");
  const field = screen.getByRole("textbox", { name: /Code of six/ });
  await userEvent.type(field, "000000");
  await userEvent.click(screen.getByRole("button", { name: "Confirm" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Not the code");
  await userEvent.clear(field);
  await userEvent.type(field, "123456");
  await userEvent.click(screen.getByRole("button", { name: "Confirm" }));
  expect(await screen.findByText("bbbb-2222")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "I have kept them" }));
  expect(await screen.findByText("2 recovery codes left")).toBeVisible();
}, 30_000);

it("ends a session that is not this one", async () => {
  server.use(
    http.delete("*/v1/sessions/session-2", () => {
      sessions = [HERE];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await renderAt("/settings/profile");
  expect(await screen.findByText("Firefox, Linux", {}, PATIENT)).toBeVisible();
  expect(screen.getByText("This one")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "End the session on curl/8.5" }));
  await waitFor(() => expect(screen.queryByText("curl/8.5")).toBeNull());
  expect(screen.queryByRole("button", { name: "End all others" })).toBeNull();
}, 20_000);

it("shows what failed beside what did not", async () => {
  server.use(http.get("*/v1/sessions", () => problem(500, "Something broke")));
  await renderAt("/settings/profile");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
  expect(screen.getByRole("button", { name: "Change password" })).toBeVisible();
}, 20_000);
