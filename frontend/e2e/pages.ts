/** How one sees that a page is drawn, and that it fits. */
import { expect, type Page } from "@playwright/test";

/** A page is drawn when nothing is being loaded any more. */
export async function drawn(page: Page): Promise<void> {
  await expect(page.locator("main").first()).toBeVisible();
  await expect(page.locator("h1, h2").filter({ visible: true }).first()).toBeVisible();
  const loading = page.getByLabel("Loading", { exact: true });
  await expect(loading.or(page.locator(".mantine-Skeleton-root"))).toHaveCount(0);
  // The canvas comes after the page around it, and its cards after the canvas.
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const canvas = page.getByRole("application", { name: "Workflow canvas" });
  if ((await canvas.count()) > 0) await expect(canvas.getByRole("group").first()).toBeVisible();
}

/** Pixels that the page, or the part of it that is scrolled, sticks out sideways. */
export function sticksOut(page: Page): Promise<number> {
  return page.evaluate(() => {
    const parts = [document.documentElement, document.querySelector("main")];
    return Math.max(...parts.map((one) => (one ? one.scrollWidth - one.clientWidth : 0)));
  });
}
