/** The start page as it comes, bit by bit: what is drawn stays where it is (flow 27). */
import type { Page } from "@playwright/test";
import { http } from "msw";
import { problem } from "@/testing/fake-gateway";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

/** What `frontend.md` allows. */
const MOST_SHIFT = 0.02;

interface Shift extends PerformanceEntry {
  value: number;
  sources: { node: Node | null }[];
}

/** Return how much has moved so far, and what. */
function shifts(page: Page): Promise<{ sum: number; what: string[] }> {
  return page.evaluate(
    () =>
      new Promise<{ sum: number; what: string[] }>((resolve) => {
        new PerformanceObserver((list) => {
          const found = list.getEntries() as Shift[];
          const nodes = found.flatMap(({ sources }) => sources.map(({ node }) => node));
          resolve({
            sum: found.reduce((sum, { value }) => sum + value, 0),
            what: nodes.map((node) => (node as Element | null)?.outerHTML?.slice(0, 120) ?? ""),
          });
        }).observe({ type: "layout-shift", buffered: true });
        // Without an entry nothing is told.
        setTimeout(() => resolve({ sum: 0, what: [] }), 500);
      }),
  );
}

test("moves nothing while figures and approvals come one after the other", async ({
  page,
  gateway,
}) => {
  furnish(gateway);
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  gateway.use(
    http.get("*/v1/approvals", async () => {
      await gate;
      return undefined;
    }),
  );
  await page.setViewportSize({ width: 1350, height: 940 });
  await page.goto("/");
  const approvals = page.getByRole("region", { name: "Waiting for approval" });
  await expect(approvals.getByRole("heading")).toBeVisible();
  await expect(page.getByRole("region", { name: "Charts" })).toBeVisible();
  release();
  await expect(approvals.getByRole("link", { name: /Send the digest/ })).toBeVisible();
  await expect(page.locator(".recharts-bar-rectangle").first()).toBeAttached();
  const { sum, what } = await shifts(page);
  expect(sum, what.join("\n")).toBeLessThanOrEqual(MOST_SHIFT);
});

test("says of a list what could not be loaded, and shows the rest", async ({ page, gateway }) => {
  furnish(gateway);
  gateway.use(http.get("*/v1/approvals", () => problem(403, "Not allowed", "/problems/forbidden")));
  await page.goto("/");
  const approvals = page.getByRole("region", { name: "Waiting for approval" });
  await expect(approvals.getByText("This could not be loaded.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Edited last" }).getByRole("link")).not.toHaveCount(
    0,
  );
});
