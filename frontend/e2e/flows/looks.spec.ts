/** What opens over pages, and what is folded away on a phone: accessible, nothing cut off, a picture of each. */
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

const FOLDER = fileURLToPath(new URL("../../.vite_cache/pictures/", import.meta.url));

const OPENED: Record<string, { path: string; open: (page: Page) => Promise<void> }> = {
  "start-evaluation": {
    path: "/evaluations",
    open: (page) => page.getByRole("button", { name: "New evaluation" }).click(),
  },
  "new-dataset": {
    path: "/evaluations",
    open: (page) => page.getByRole("button", { name: "New dataset" }).click(),
  },
  "edit-mcp-server": {
    path: "/settings/mcp",
    open: (page) => page.getByRole("button", { name: "Edit crm" }).click(),
  },
};

for (const [name, { path, open }] of Object.entries(OPENED)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${name} is accessible and fits a phone, ${colorScheme}`, async ({
      page,
      gateway,
      accessible,
    }) => {
      furnish(gateway);
      await page.emulateMedia({ colorScheme });
      for (const [size, width] of [
        ["", 1280],
        ["-phone", 360],
      ] as const) {
        await page.setViewportSize({ width, height: 740 });
        await page.goto(path);
        await open(page);
        const dialog = page.getByRole("dialog");
        await expect(dialog).toBeVisible();
        await page.screenshot({ path: `${FOLDER}${name}${size}-${colorScheme}.png` });
        const box = await dialog.boundingBox();
        expect(box && box.x + box.width, "its right edge").toBeLessThanOrEqual(width);
      }
      await accessible(page);
    });
  }
}

test("the bars of a timeline are in view on a phone", async ({ page, gateway, accessible }) => {
  const { run } = furnish(gateway);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`/runs/${run}`);
  await page.getByRole("button", { name: "Timeline" }).click();
  const timeline = page.getByRole("region", { name: "Timeline" }).last();
  await expect(timeline.getByRole("row")).toHaveCount(4);
  await page.screenshot({ path: `${FOLDER}timeline-phone.png` });
  const hidden = await timeline.evaluate((one) => one.scrollWidth - one.clientWidth);
  expect(hidden, "pixels that must be scrolled to").toBeLessThanOrEqual(0);
  await accessible(page);
});
