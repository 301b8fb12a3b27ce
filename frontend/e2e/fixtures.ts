/** What every flow has: its own fake gateway, a page that may break nothing, and a check by axe at the end. */
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { E2eGateway } from "./gateway/gateway";

interface Flow {
  gateway: E2eGateway;
  /** Fails the test when something on the page is not accessible. */
  accessible: typeof expectAccessible;
}
/** What Chromium says of answers that a test wants to be failures. */
const WANTED = /Failed to load resource|net::ERR|WebSocket connection|\/socket\.io\//;

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export const test = base.extend<Flow & { hygiene: undefined }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from the pattern
  gateway: async ({}, use) => {
    const gateway = await new E2eGateway().start();
    await use(gateway);
    await gateway.stop();
    expect(gateway.faults, "answers as the public interface has them").toEqual([]);
  },
  baseURL: async ({ gateway }, use) => use(gateway.url),
  accessible: async ({ baseURL: _ }, use) => use(expectAccessible),
  hygiene: [
    async ({ page, baseURL }, use) => {
      const found: string[] = [];
      page.on("pageerror", (error) => found.push(`${error}`));
      page.on("console", (message) => {
        if (
          message.type() === "error" &&
          !WANTED.test(`${message.text()} ${message.location().url}`)
        )
          found.push(message.text());
      });
      page.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== new URL(baseURL ?? "").origin)
          found.push(`a request to ${request.url()}`);
      });
      await use(undefined);
      expect(found, "no error, no broken policy, no foreign request").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Only the rules named, such as those of colours for a second theme; else all of WCAG 2.2 AA. */
export async function expectAccessible(page: Page, ...rules: string[]): Promise<void> {
  const axe = new AxeBuilder({ page });
  const chosen = rules.length > 0 ? axe.withRules(rules) : axe.withTags(WCAG);
  const { violations } = await chosen.analyze();
  const shown = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map((node) => `${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`),
  }));
  expect(shown).toEqual([]);
}
