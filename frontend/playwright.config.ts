/** Flows in the machine's Chromium: against the fake gateway, and against a platform that somebody started. */
import { defineConfig } from "@playwright/test";

// `scripts/frontend.py` finds it.
const executablePath = process.env.FLOWLOOM_BROWSER ?? "/usr/bin/chromium";
const report = process.env.FLOWLOOM_E2E_REPORT;

export default defineConfig({
  testDir: "e2e",
  outputDir: ".vite_cache/e2e",
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: report ? [["dot"], ["junit", { outputFile: report }]] : [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1360, height: 860 },
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath,
      // Containers run as root, where Chromium's own sandbox cannot start.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    { name: "fake", testDir: "e2e/flows" },
    // The first run of a platform is slow: its agents are loaded.
    {
      name: "real",
      testDir: "e2e/real",
      fullyParallel: false,
      timeout: 240_000,
      expect: { timeout: 60_000 },
    },
  ],
});
