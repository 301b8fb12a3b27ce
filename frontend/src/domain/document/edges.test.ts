/** The shared vectors of edges between steps that stand beside each other. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { JsonObject } from "../expressions/values";
import { edgesOfBlock } from "./edges";

interface Vector {
  steps: JsonObject;
  edges: Record<string, Record<string, string>>;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(
    new URL("../../../../packages/language/vectors/edges.json", import.meta.url),
    "utf8",
  ),
);

it.each(
  vectors.map((vector): [string, Vector] => [JSON.stringify(vector.steps).slice(0, 90), vector]),
)("finds the edges of %s", (_, vector) => {
  const found: Vector["edges"] = {};
  for (const [id, edges] of edgesOfBlock(vector.steps)) {
    if (edges.length > 0)
      found[id] = Object.fromEntries(edges.map((edge) => [edge.source, edge.type]));
  }
  expect(found).toEqual(vector.edges);
});
