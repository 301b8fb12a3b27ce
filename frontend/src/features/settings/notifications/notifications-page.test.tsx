// @vitest-environment jsdom
/** What one is told of: each tick is saved at once, and taken back when the server refuses. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { NotificationChoice } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

let choices: NotificationChoice[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  choices = [
    { kind: "run_failed", in_app: true, mail: false },
    { kind: "approval_requested", in_app: true, mail: true },
  ];
  server = new FakeGateway().listen();
  permit(server);
  server.use(listing("*/v1/notifications/choices", () => choices));
});
afterEach(() => server.close());

it("saves a choice at once and leaves the others as they are", async () => {
  server.use(
    http.put("*/v1/notifications/choices", async ({ request }) => {
      choices = ((await request.json()) as { items: NotificationChoice[] }).items;
      return HttpResponse.json({ items: choices });
    }),
  );
  await renderAt("/settings/notifications");
  const box = await screen.findByRole("checkbox", { name: "A run failed: By mail" }, PATIENT);
  expect(box).not.toBeChecked();
  await userEvent.click(box);
  await waitFor(() =>
    expect(choices).toEqual([
      { kind: "run_failed", in_app: true, mail: true },
      { kind: "approval_requested", in_app: true, mail: true },
    ]),
  );
  expect(box).toBeChecked();
}, 20_000);

it("takes a choice back that the server refuses", async () => {
  server.use(http.put("*/v1/notifications/choices", () => problem(403, "Not allowed")));
  await renderAt("/settings/notifications");
  const box = await screen.findByRole("checkbox", { name: "A run failed: By mail" }, PATIENT);
  await userEvent.click(box);
  expect(await screen.findByRole("alert")).toHaveTextContent("Not allowed");
  expect(box).not.toBeChecked();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/notifications/choices", () => problem(500, "Something broke")));
  await renderAt("/settings/notifications");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);
