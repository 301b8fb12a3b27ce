// @vitest-environment jsdom
/** The settings' navigation, and the page that changes how everything looks at once. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT, permit } from "@/testing/settings";

let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  localStorage.clear();
  server = new FakeGateway().listen();
});
afterEach(() => server.close());

it("finds a page by a word about it, and opens it by Enter", async () => {
  permit(server);
  const { router } = await renderAt("/settings");
  const search = await screen.findByRole("textbox", { name: "Search settings" }, PATIENT);
  await userEvent.type(search, "credentials");
  expect(screen.getByRole("link", { name: /Secrets/ })).toBeVisible();
  expect(screen.queryByRole("link", { name: /API keys/ })).toBeNull();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings/secrets"));
  await userEvent.clear(search);
  await userEvent.type(search, "zzz");
  expect(screen.getByText("Nothing is called “zzz”.")).toBeVisible();
}, 20_000);

it("marks what the role keeps closed", async () => {
  permit(server, "secrets:read");
  await renderAt("/settings");
  const closed = await screen.findByRole("link", { name: /API keys/ }, PATIENT);
  expect(closed).toHaveAccessibleName(/Not for your role/);
  expect(screen.getByRole("link", { name: "Secrets" })).toBeVisible();
}, 20_000);

it("keeps how the page looks in the browser", async () => {
  const { store } = await renderAt("/settings/appearance");
  await userEvent.click(await screen.findByRole("radio", { name: "Compact" }, PATIENT));
  await userEvent.click(screen.getByRole("radio", { name: "Dark" }));
  expect(document.documentElement.dataset).toMatchObject({ density: "compact", theme: "dark" });
  expect(JSON.parse(localStorage.getItem("flowloom.prefs.1") ?? "{}")).toMatchObject({
    density: "compact",
    scheme: "dark",
  });
  expect(store.getState().prefs.density).toBe("compact");
}, 20_000);

it("says that an unknown page does not exist", async () => {
  await renderAt("/settings/nowhere");
  expect(
    await screen.findByRole("heading", { name: "There is nothing here" }, PATIENT),
  ).toBeVisible();
}, 20_000);
