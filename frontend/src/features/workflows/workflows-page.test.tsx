// @vitest-environment jsdom
/** The list of workflows: its states, search, and what a stranger sees. */
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  gateway = new FakeGateway();
  server = gateway.listen();
});
afterEach(() => server.close());

it("lists workflows and finds them by their titles", async () => {
  gateway.addWorkflow("", { title: "Market brief" });
  gateway.addWorkflow("", { title: "Invoice totals", draft_valid: false });
  await renderAt("/workflows");
  expect(
    await screen.findByRole("link", { name: "Market brief" }, { timeout: 10_000 }),
  ).toBeVisible();
  await userEvent.type(screen.getByRole("textbox", { name: "Search workflows" }), "invoice");
  expect(screen.queryByRole("link", { name: "Market brief" })).toBeNull();
  expect(screen.getByText("Problems")).toBeVisible();
}, 20_000);

it("says what to do when there is none", async () => {
  await renderAt("/workflows");
  expect(
    await screen.findByRole("heading", { name: "No workflow yet" }, { timeout: 10_000 }),
  ).toBeVisible();
}, 20_000);

it("shows a failure with its number and a way to try again", async () => {
  server.use(http.get("*/v1/workflows", () => problem(403, "Not allowed")));
  await renderAt("/workflows");
  expect(await screen.findByText("Request trace-1", {}, { timeout: 10_000 })).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
}, 20_000);

it("asks a stranger to sign in and remembers the page", async () => {
  gateway.isSignedIn = false;
  const { router } = await renderAt("/workflows?x=1");
  expect(await screen.findByRole("button", { name: "Sign in" }, { timeout: 10_000 })).toBeVisible();
  expect(router.state.location.search).toBe("?next=%2Fworkflows%3Fx%3D1");
}, 20_000);
