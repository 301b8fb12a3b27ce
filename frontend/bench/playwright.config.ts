/** Benchmarks of the built page in the machine's Chromium; `python -m benchmarks run B-UI-3` starts them and judges. */
import { defineConfig } from "@playwright/test";
import { launchOptions } from "./browser";

export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  outputDir: "../.vite_cache/bench-traces",
  workers: 1,
  fullyParallel: false,
  // By its own pauses B-UI-3 takes about seven minutes, and longer where frames are late.
  timeout: 1_400_000,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1600, height: 1000 },
    launchOptions,
  },
});
