/** Cards and wires: what a card has to say is all in sight, and moving the canvas takes the focus from nothing. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { furnish, goodRun, THREE_STEPS } from "../gateway/world";

const ID = "0190-cards";

/** Return what is beyond the edge of its line, of all parts of a card's state. */
async function cutOff(page: Page): Promise<string[]> {
  return await page.getByRole("group", { name: /^brief/ }).evaluate((card) => {
    const parts = [...card.querySelectorAll("[data-state-line] > *")];
    if (parts.length < 4) throw new Error(`the card says only ${parts.length} things`);
    return parts
      .filter((part) => {
        const [own, line] = [part, part.parentElement ?? part].map((one) =>
          one.getBoundingClientRect(),
        );
        if (!own || !line) return true;
        return own.right > line.right + 1 || own.bottom > line.bottom + 1;
      })
      .map((part) => part.textContent ?? "");
  });
}

for (const locale of ["en-GB", "de-DE"]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });

    test("a card of a run says how long, how many tokens and for how much", async ({
      page,
      gateway,
    }) => {
      furnish(gateway);
      gateway.runs.add(ID, THREE_STEPS, goodRun(ID).events);
      await page.goto(`/runs/${ID}`);
      const card = page.getByRole("group", { name: /^brief/ });
      await expect(card.getByText("240 tok")).toBeVisible();
      expect(await cutOff(page)).toEqual([]);
      const [card_box, line] = await Promise.all([
        card.boundingBox(),
        card.locator("[data-state-line]").boundingBox(),
      ]);
      if (!card_box || !line) throw new Error("the card is not drawn");
      expect(line.y + line.height).toBeLessThanOrEqual(card_box.y + card_box.height);
    });
  });
}

test("a wire's button keeps the focus while the canvas is dragged", async ({ page, gateway }) => {
  const { workflow } = furnish(gateway);
  await page.goto(`/workflows/${workflow}`);
  const insert = page.getByRole("button", { name: "Insert a step here" });
  await expect(insert.first()).toBeVisible();
  await insert.first().focus();
  const box = await page.locator(".react-flow").boundingBox();
  if (!box) throw new Error("this page has no canvas");
  const from = { x: box.x + box.width / 2, y: box.y + box.height - 120 };
  // A press would take the focus from whatever has it; what is hidden would lose it without one.
  await page.locator(".react-flow__pane").evaluate((pane) => pane.classList.add("dragging"));
  await page.mouse.move(from.x, from.y);
  await expect(insert.first()).toBeFocused();
  await expect(insert.first()).toBeVisible();
  await expect(insert.nth(1)).toBeHidden();
});
