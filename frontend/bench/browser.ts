/** The machine's Chromium, as it is started for every benchmark. */
import type { LaunchOptions } from "@playwright/test";

export const launchOptions: LaunchOptions = {
  // `scripts/frontend.py` finds it.
  executablePath: process.env.FLOWLOOM_BROWSER || "/usr/bin/chromium",
  args: [
    // Containers run as root, where Chromium's own sandbox cannot start.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    // Otherwise Chromium rounds what it tells of the heap.
    "--enable-precise-memory-info",
  ],
};
