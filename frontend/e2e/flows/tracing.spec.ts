/** From a click to the log: the trace of what the page asked for is known in the page, and that of a run leads on. */
import { HttpResponse, http } from "msw";
import { SESSION } from "@/testing/fake-door";
import { expect, test } from "../fixtures";
import { TRACE } from "../gateway/fake-runs";
import { furnish } from "../gateway/world";

test("shows the trace of a run, copies it and leads to where it is kept", async ({
  page,
  gateway,
  accessible,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { run } = furnish(gateway);
  await page.goto(`/runs/${run}`);
  await page.getByRole("button", { name: "More" }).click();
  const menu = page.getByRole("menu");
  await expect(menu.getByText(TRACE)).toBeVisible();
  await expect(menu.getByRole("menuitem", { name: "Open trace" })).toHaveAttribute(
    "href",
    `https://traces.example/trace/${TRACE}`,
  );
  await accessible(page);
  await menu.getByRole("menuitem", { name: "Copy trace id" }).press("Enter");
  await expect(page.getByText("The trace id is copied.")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(TRACE);
});

test("quotes the trace that it began when something breaks", async ({ page, gateway }) => {
  furnish(gateway);
  const begun: string[] = [];
  gateway.use(
    http.get("*/v1/workflows", ({ request }) => {
      begun.push(request.headers.get("traceparent") ?? "");
      const trace_id = begun[0]?.split("-")[1] ?? "";
      const type = "/problems/internal";
      return HttpResponse.json({ type, title: "Broken", status: 500, trace_id }, { status: 500 });
    }),
  );
  await page.goto("/workflows");
  await expect(page.getByRole("heading", { name: "Broken" })).toBeVisible();
  const [, trace = ""] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(begun[0] ?? "") ?? [];
  expect(trace.slice(0, 16)).toBe(SESSION.replaceAll("-", "").slice(-16));
  await expect(page.getByText(trace)).toBeVisible();
});
