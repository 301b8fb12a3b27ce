/** What waits for a person is told to the page that they have open, wherever they are in it. */
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";

test("shows what happens without asking for it, from page to page", async ({
  page,
  gateway,
  accessible,
}) => {
  furnish(gateway);
  const own = `user:${gateway.me.user.id}`;
  await page.goto("/workflows");
  await expect(page.getByRole("button", { name: "Notifications 1 unread" })).toBeVisible();
  await expect.poll(() => gateway.streams.open.streams).toEqual([own]);
  const before = gateway.requests.length;
  gateway.desk.addNotification({ title: "night-report failed" });
  gateway.desk.addApproval({ title: "Pay the invoice?" });
  gateway.streams.tell(gateway.me.user.id);
  const bell = page.getByRole("button", { name: "Notifications 2 unread" });
  await expect(bell).toBeVisible();
  await expect(page.getByRole("link", { name: /^Approvals.*3/ })).toBeVisible();
  await bell.click();
  await expect(page.getByRole("dialog").getByRole("link").first()).toHaveText(
    "night-report failed",
  );
  await accessible(page);
  await page.keyboard.press("Escape");
  for (const place of ["Templates", "Evaluations", "Workflows"]) {
    await page.getByRole("link", { name: place, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(place);
  }
  const asked = gateway.requests.slice(before);
  expect(asked.filter((one) => /notifications|approvals/.test(one))).toEqual([]);
  // One that is loaded again begins with the number that it asked for.
  await page.reload();
  await expect(bell).toBeVisible();
});
