/** Every page in both themes and on a phone: accessible, nothing cut off, and a picture of it to look at. */
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { furnish } from "../gateway/world";
import { drawn, sticksOut } from "../pages";

const FOLDER = fileURLToPath(new URL("../../.vite_cache/pictures/", import.meta.url));
const SETTINGS = [
  "appearance",
  "shortcuts",
  "profile",
  "members",
  "api-keys",
  "api-clients",
  "secrets",
  "models",
  "notifications",
  "webhooks",
  "triggers",
];
const PAGES: Record<string, string> = {
  home: "/",
  workflows: "/workflows",
  builder: "/workflows/WORKFLOW",
  sharing: "/workflows/WORKFLOW/sharing",
  runs: "/runs",
  run: "/runs/RUN",
  "run-of-a-step": "/runs/RUN?step=steps.brief",
  "run-that-failed": "/runs/FAILED",
  compare: "/runs/RUN/compare/FAILED",
  evaluations: "/evaluations",
  evaluation: "/evaluations/EVALUATION",
  approvals: "/approvals",
  chat: "/chat/TALK",
  "chat-new": "/chat/new",
  memory: "/memory",
  "memory-search": "/memory?view=search",
  templates: "/templates",
  "memories-kept": "/memory/kept",
  "not-found": "/nowhere",
  ...Object.fromEntries(
    [...SETTINGS, "workspace", "roles", "agents", "rules", "budgets", "audit", "mcp", "usage"].map(
      (name) => [`settings-${name}`, `/settings/${name}`],
    ),
  ),
};
/** Opened by whom is not signed in; the links are those of mails. */
const OPEN: Record<string, string> = {
  "sign-in": "/sign-in",
  welcome: "/welcome",
  "forgot-password": "/forgot-password",
  "reset-password": "/reset-password#SECRET",
  "reset-password-refused": "/reset-password",
  invitation: "/invitation#SECRET",
  "invitation-refused": "/invitation",
};
const SECRET = "s".repeat(43);

/** Change what is kept of a person's wishes, as another tab does. */
async function prefer(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.evaluate((kept) => {
    localStorage.setItem("flowloom.prefs.1", kept);
    dispatchEvent(new StorageEvent("storage", { key: "flowloom.prefs.1" }));
  }, JSON.stringify({ scheme }));
  await expect(page.locator("html")).toHaveAttribute("data-theme", scheme);
}

for (const [name, path] of Object.entries({ ...PAGES, ...OPEN })) {
  test(`${name} is accessible in both themes and fits a phone`, async ({
    page,
    gateway,
    accessible,
  }) => {
    const ids = furnish(gateway);
    gateway.isSignedIn = !(name in OPEN);
    gateway.door.providers = [{ id: "corp", title: "Corp", start: "/v1/auth/oidc/corp/start" }];
    gateway.door.invite(SECRET);
    const address = path
      .replace("SECRET", SECRET)
      .replace("WORKFLOW", ids.workflow)
      .replace("RUN", ids.run)
      .replace("EVALUATION", ids.evaluation)
      .replace("TALK", ids.talk);
    await page.goto(address.replace("FAILED", ids.failed));
    for (const scheme of ["light", "dark"] as const) {
      await prefer(page, scheme);
      await drawn(page);
      await page.screenshot({ path: `${FOLDER}${name}-${scheme}.png` });
      await accessible(page, ...(scheme === "dark" ? ["color-contrast"] : []));
    }
    // Opened there, as a phone does: the canvas looks for its first view once.
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    for (const scheme of ["dark", "light"] as const) {
      await prefer(page, scheme);
      await drawn(page);
      await page.screenshot({ path: `${FOLDER}${name}-phone-${scheme}.png` });
    }
    // A phone, the narrowest one, and half a screen as at 200 % (flow 29).
    for (const width of [360, 320, 680]) {
      await page.setViewportSize({ width, height: 740 });
      await drawn(page);
      // The page follows the window a moment after it.
      await expect
        .poll(() => sticksOut(page), { message: `sideways at ${width} pixels` })
        .toBeLessThanOrEqual(0);
    }
  });
}
