/** Builds one page of `pages/` as the application is built: its sources, its plugins, minified. */
import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vite";
import application from "../vite.config.ts";

const page = process.env.FLOWLOOM_BENCH_PAGE ?? "bare";
const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default mergeConfig(
  application,
  defineConfig({
    root: from(`pages/${page}`),
    cacheDir: from("../.vite_cache/bench-vite"),
    css: { postcss: from("..") },
    build: { outDir: from(`../.vite_cache/bench/${page}`), emptyOutDir: true },
  }),
);
