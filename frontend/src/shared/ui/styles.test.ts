/** Every part of Mantine that is used brings its look: without it a radio button is a black disc. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "../..");
const STYLES = join(
  dirname(createRequire(import.meta.url).resolve("@mantine/core/styles.css")),
  "styles",
);
const IMPORTED = /import\s+\{([^}]*)\}\s+from "@mantine\/core"/g;

function namesIn(text: string): string[] {
  return [...text.matchAll(IMPORTED)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.trim().split(" as ")[0] ?? ""),
  );
}

it("imports the style of every component that has one", () => {
  const files = globSync("**/*.tsx", { cwd: SOURCES });
  const used = new Set(files.flatMap((file) => namesIn(readFileSync(join(SOURCES, file), "utf8"))));
  const styled = [...used].filter((name) => name && existsSync(join(STYLES, `${name}.layer.css`)));
  const styles = readFileSync(join(import.meta.dirname, "styles.css"), "utf8");
  expect(styled.length).toBeGreaterThan(20);
  expect(styled.filter((name) => !styles.includes(`/${name}.layer.css`))).toEqual([]);
});
