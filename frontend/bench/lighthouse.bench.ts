/** B-UI-2: what Lighthouse says of the pages that people see first. */
import { chromium, test } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { E2eGateway } from "../e2e/gateway/gateway";
import { furnish } from "../e2e/gateway/world";
import { launchOptions } from "./browser";
import { BLOCKS, report } from "./report";

const PORT = 26_090;
const AUDITS = {
  lcp_ms: "largest-contentful-paint",
  fcp_ms: "first-contentful-paint",
  tbt_ms: "total-blocking-time",
  cls: "cumulative-layout-shift",
} as const;

interface Look {
  page: string;
  form: "desktop" | "mobile";
  path: string;
  isSignedIn: boolean;
}

test("lighthouse", async ({ browser }) => {
  const gateway = await new E2eGateway().start();
  const { workflow } = furnish(gateway);
  const looks: Look[] = [
    { page: "sign-in", form: "desktop", path: "/sign-in", isSignedIn: false },
    { page: "home", form: "desktop", path: "/", isSignedIn: true },
    { page: "builder", form: "desktop", path: `/workflows/${workflow}`, isSignedIn: true },
    { page: "sign-in", form: "mobile", path: "/sign-in", isSignedIn: false },
  ];
  const audits = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    for (const look of looks) {
      gateway.isSignedIn = look.isSignedIn;
      const { page, form } = look;
      audits.push({ block, page, form, ...(await audited(gateway.url + look.path, form)) });
    }
  }
  await gateway.stop();
  report({ chromium: browser.version(), audits });
});

async function audited(url: string, form: Look["form"]) {
  const args = [...(launchOptions.args ?? []), `--remote-debugging-port=${PORT}`];
  const browser = await chromium.launch({ ...launchOptions, args });
  try {
    const flags = {
      port: PORT,
      logLevel: "error",
      onlyCategories: ["performance", "accessibility"],
    } as const;
    const done = await lighthouse(
      url,
      { ...flags, onlyCategories: [...flags.onlyCategories] },
      form === "desktop" ? desktopConfig : undefined,
    );
    if (!done || done.lhr.runtimeError)
      throw new Error(`Lighthouse could not look at ${url}: ${done?.lhr.runtimeError?.message}`);
    const { categories, audits } = done.lhr;
    const score = (name: string) => Math.round((categories[name]?.score ?? 0) * 100);
    const values = Object.entries(AUDITS).map(([name, id]) => [
      name,
      audits[id]?.numericValue ?? 0,
    ]);
    return {
      performance: score("performance"),
      accessibility: score("accessibility"),
      ...(Object.fromEntries(values) as Record<keyof typeof AUDITS, number>),
      version: done.lhr.lighthouseVersion,
    };
  } finally {
    await browser.close();
  }
}
