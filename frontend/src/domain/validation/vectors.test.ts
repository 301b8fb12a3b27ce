/** The shared vectors of documents: what is found here, is found by the server too, under the same code and path. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLocal, localProblems } from "./local-problems";

interface Vector {
  name: string;
  source: string;
  problems: { code: string; path: string; line: number; column: number }[];
}
const vectors: Vector[] = JSON.parse(
  readFileSync(
    new URL("../../../../packages/language/vectors/documents.json", import.meta.url),
    "utf8",
  ),
);
/** Places in broken YAML depend on the reader; both point at the same trouble in words of their own. */
const readable = vectors.filter(
  ({ problems }) =>
    !problems.some(
      ({ code, path }) =>
        code === "yaml_syntax" ||
        code === "duplicate_key" ||
        code === "limit_exceeded" ||
        path === "",
    ),
);

describe("problems found without a server", () => {
  it.each(readable.map((vector): [string, Vector] => [vector.name, vector]))(
    "%s",
    (_, { source, problems }) => {
      const said = problems.map(({ code, path }) => `${code} ${path}`);
      const found = localProblems(source).map(({ code, path }) => `${code} ${path}`);
      expect(found.filter((one) => !said.includes(one))).toEqual([]);
    },
  );

  it("are all of those in steps that need no schema and no catalogue, at the same places", () => {
    const wanted = readable.flatMap(({ source, problems }) =>
      problems.filter(isLocal).map((one) => ({ source, one })),
    );
    const missed = wanted.filter(
      ({ source, one }) =>
        !localProblems(source).some(
          (found) =>
            found.code === one.code &&
            found.path === one.path &&
            found.line === one.line &&
            found.column === one.column,
        ),
    );
    expect(wanted.length).toBeGreaterThan(70);
    expect(missed.map(({ one }) => one)).toEqual([]);
  });

  it("are told when a text is no YAML", () => {
    const broken = vectors.filter(({ problems }) =>
      problems.some(({ code }) => code === "yaml_syntax"),
    );
    const silent = broken.filter(({ source }) => localProblems(source).length === 0);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
