// @vitest-environment jsdom
/** The audit log: filtered by the URL, read page by page, taken out as a file. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { AuditEntry } from "@/api/generated";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { listing, PATIENT, permit } from "@/testing/settings";

const ENTRY: AuditEntry = {
  n: 1,
  action: "secret.saved",
  actor: { kind: "user", id: ME.user.id, email: ME.user.email },
  at: "2026-01-31T10:00:00Z",
  details: { name: "smtp" },
  hash: "hash-of-1",
  previous: "hash-of-0",
  outcome: "done",
  target: { kind: "secret", id: "smtp", name: null },
  trace_id: null,
};
/** The filter names actions, too. */
const SUMMARY = { selector: "summary" };
let entries: AuditEntry[];
let asked: URLSearchParams;
let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  entries = [ENTRY];
  server = new FakeGateway().listen();
  permit(server, "audit:read", "members:read");
  server.use(
    listing("*/v1/members", () => []),
    http.get("*/v1/audit", ({ request }) => {
      asked = new URL(request.url).searchParams;
      const isSecond = asked.get("cursor") === "second";
      const items = isSecond ? [{ ...ENTRY, n: 2, action: "rules.changed" }] : entries;
      return HttpResponse.json({ items, next_cursor: isSecond ? null : "second" });
    }),
  );
});
afterEach(() => server.close());

it("lists what was done, and reads the pages after the first", async () => {
  await renderAt("/settings/audit");
  expect(await screen.findByText("Secret saved", SUMMARY, PATIENT)).toBeVisible();
  expect(screen.getByText(ME.user.email, { selector: "[role=cell] span" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  expect(await screen.findByText("Rules changed", SUMMARY)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Back" }));
  expect(await screen.findByText("Secret saved", SUMMARY)).toBeVisible();
}, 20_000);

it("asks the server for what the URL says, days to their end", async () => {
  entries = [];
  const at =
    "/settings/audit?action=secret.saved&outcome=refused&since=2026-01-30&until=2026-01-31";
  const { router } = await renderAt(at);
  expect(await screen.findByText("Nothing like that was found", {}, PATIENT)).toBeVisible();
  expect(asked.get("action")).toBe("secret.saved");
  expect(asked.get("outcome")).toBe("refused");
  expect(asked.get("since")).toBe(new Date("2026-01-30T00:00:00").toISOString());
  expect(asked.get("until")).toBe(new Date("2026-02-01T00:00:00").toISOString());
  await userEvent.click(screen.getByRole("button", { name: "Show everything" }));
  await waitFor(() => expect(router.state.location.search).toBe(""));
}, 20_000);

it("takes the log out as lines of JSON", async () => {
  const made: Blob[] = [];
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => `blob:${made.push(blob)}`,
    revokeObjectURL: () => undefined,
  });
  const clicked = vi
    .spyOn(HTMLAnchorElement.prototype, "click")
    .mockImplementation(() => undefined);
  const lines = '{"n":1}\n{"n":2}\n';
  server.use(
    http.get("*/v1/audit/export", () =>
      HttpResponse.text(lines, { headers: { "content-type": "application/jsonl" } }),
    ),
  );
  await renderAt("/settings/audit");
  await userEvent.click(await screen.findByRole("button", { name: "Export all" }, PATIENT));
  await userEvent.click(await screen.findByRole("menuitem", { name: "As lines of JSON" }));
  await waitFor(() => expect(clicked).toHaveBeenCalledOnce());
  expect(made[0]?.size).toBe(lines.length);
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/audit", () => problem(500, "Something broke")));
  await renderAt("/settings/audit");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("is closed to a viewer", async () => {
  permit(server, "members:read");
  await renderAt("/settings/audit");
  expect(await screen.findByRole("heading", { name: "Not for your role" }, PATIENT)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Export all" })).toBeNull();
}, 20_000);
