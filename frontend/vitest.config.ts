import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  cacheDir: ".vite_cache/vitest",
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}", "bench/**/*.test.ts"],
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    // The first test of a file pays for what all of them import.
    testTimeout: 30_000,
    coverage: {
      provider: "v8",
      reportsDirectory: ".vite_cache/coverage",
      reporter: ["text-summary"],
      include: ["src/**"],
      // The workshop's pages and what only tests use are no part of the application.
      exclude: ["src/**/*.stories.tsx", "src/testing/**"],
      thresholds: { lines: 80 },
    },
  },
});
