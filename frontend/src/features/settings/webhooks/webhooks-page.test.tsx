// @vitest-environment jsdom
/** Outgoing webhooks: the secret is shown once, deliveries are listed and sent again. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Endpoint, EndpointDelivery, SaveEndpoint } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const CHAT: Endpoint = {
  id: "endpoint-1",
  url: "https://chat.example/hook",
  description: "Chat of the team",
  events: ["run_failed"],
  active: true,
  created_at: "2020-01-01T00:00:00Z",
  disabled_reason: null,
  failing_since: null,
  subscriber_id: "person-1",
  etag: '"w1"',
};
const LOST: EndpointDelivery = {
  id: "delivery-1",
  event: "run_failed",
  status: "dead",
  answer: 500,
  attempts: 6,
  error: "The address answered 500.",
  created_at: "2020-01-01T00:00:00Z",
  delivered_at: null,
  next_at: null,
  payload: { run_id: "run-7" },
};
let endpoints: Endpoint[];
let deliveries: EndpointDelivery[];
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  endpoints = [CHAT];
  deliveries = [LOST];
  server = new FakeGateway().listen();
  permit(server, "webhook_endpoints:read", "webhook_endpoints:manage");
  server.use(
    listing("*/v1/webhook-endpoints", () => endpoints),
    listing("*/v1/webhook-endpoints/endpoint-1/deliveries", () => deliveries),
  );
});
afterEach(() => server.close());

it("says of an address that nobody stands behind what it is not told", async () => {
  endpoints = [
    CHAT,
    { ...CHAT, id: "endpoint-2", url: "https://old.example/", subscriber_id: null },
  ];
  await renderAt("/settings/webhooks");
  const old = await screen.findByRole("region", { name: "https://old.example/" }, PATIENT);
  expect(within(old).getByText(/Nobody stands behind it/)).toBeVisible();
  const chat = screen.getByRole("region", { name: CHAT.url });
  expect(within(chat).queryByText(/Nobody stands behind it/)).toBeNull();
});

it("adds an address and shows its secret once", async () => {
  endpoints = [];
  let made: SaveEndpoint | undefined;
  server.use(
    http.post("*/v1/webhook-endpoints", async ({ request }) => {
      made = (await request.json()) as SaveEndpoint;
      endpoints = [CHAT];
      return HttpResponse.json({ endpoint: CHAT, secret: "whsec_once" }, { status: 201 });
    }),
  );
  await renderAt("/settings/webhooks");
  expect(await screen.findByRole("heading", { name: "No address yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "Add address" })[0] as HTMLElement);
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: /Address/ }), CHAT.url);
  await userEvent.click(dialog.getByRole("checkbox", { name: "An approval waits" }));
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("whsec_once")).toBeVisible();
  expect(made).toMatchObject({ url: CHAT.url, events: ["run_failed", "approval_requested"] });
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(await screen.findByRole("heading", { name: CHAT.url })).toBeVisible();
  await waitFor(() => expect(screen.queryByText("whsec_once")).toBeNull());
}, 30_000);

it("lists what was sent, why it failed, and sends it again", async () => {
  server.use(
    http.post("*/v1/webhook-endpoints/endpoint-1/deliveries/delivery-1/replay", () => {
      deliveries = [{ ...LOST, status: "delivered", answer: 204, error: null }];
      return HttpResponse.json(deliveries[0], { status: 202 });
    }),
  );
  await renderAt("/settings/webhooks");
  await userEvent.click(await screen.findByRole("button", { name: "Show deliveries" }, PATIENT));
  expect(await screen.findByText("The address answered 500.")).toBeVisible();
  expect(screen.getByText("6 attempts")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Send run_failed again" }));
  expect(await screen.findByText("HTTP 204")).toBeVisible();
}, 20_000);

it("sends a test and then shows the deliveries", async () => {
  deliveries = [];
  server.use(
    http.post("*/v1/webhook-endpoints/endpoint-1/test", () =>
      HttpResponse.json(LOST, { status: 202 }),
    ),
  );
  await renderAt("/settings/webhooks");
  await userEvent.click(await screen.findByRole("button", { name: /Send a test to/ }, PATIENT));
  expect(await screen.findByText("Nothing was sent yet.")).toBeVisible();
}, 20_000);

it("makes a new secret only after asking", async () => {
  server.use(
    http.post("*/v1/webhook-endpoints/endpoint-1/secret", () =>
      HttpResponse.json({ secret: "whsec_next" }, { status: 201 }),
    ),
  );
  await renderAt("/settings/webhooks");
  await userEvent.click(await screen.findByRole("button", { name: /New secret for/ }, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "New secret" }));
  expect(await screen.findByText("whsec_next")).toBeVisible();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/webhook-endpoints", () => problem(500, "Something broke")));
  await renderAt("/settings/webhooks");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets an editor look, and is closed to a viewer", async () => {
  permit(server, "webhook_endpoints:read");
  const { unmount } = await renderAt("/settings/webhooks");
  const edit = await screen.findByRole("button", { name: /^Edit/ }, PATIENT);
  expect(edit).toHaveAttribute("aria-disabled", "true");
  unmount();
  permit(server);
  await renderAt("/settings/webhooks");
  expect(await screen.findByRole("heading", { name: "Not for your role" }, PATIENT)).toBeVisible();
}, 20_000);

it("keeps what was typed when somebody else changed the address, and saves it over theirs", async () => {
  const sent: SaveEndpoint[] = [];
  server.use(
    http.put("*/v1/webhook-endpoints/endpoint-1", async ({ request }) => {
      if (request.headers.get("if-match") !== endpoints[0]?.etag) return problem(412, "Changed");
      sent.push((await request.json()) as SaveEndpoint);
      return HttpResponse.json(CHAT);
    }),
  );
  await renderAt("/settings/webhooks");
  await userEvent.click(await screen.findByRole("button", { name: /^Edit/ }, PATIENT));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: /Address/ }), "/2");
  endpoints = [{ ...CHAT, description: "Chat of the night", etag: '"w2"' }];
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  const notice = await dialog.findByRole("alert", {}, PATIENT);
  expect(notice).toHaveTextContent("Description Now: Chat of the night");
  await userEvent.click(dialog.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  await expect.poll(() => sent, PATIENT).toHaveLength(1);
  expect(sent[0]).toMatchObject({ url: `${CHAT.url}/2`, description: "Chat of the night" });
}, 40_000);
