/** The shared vectors: what every implementation of the expression language must answer. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ExpressionError, ExpressionSyntaxError } from "./errors";
import { evaluate } from "./evaluator";
import { parseExpression } from "./parser";
import { render, scanTemplate } from "./templates";
import type { JsonObject, JsonValue } from "./values";

interface Vector {
  expr?: string;
  template?: JsonValue;
  scope?: JsonObject;
  value?: JsonValue;
  error?: string;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(
    new URL("../../../../packages/language/vectors/expressions.json", import.meta.url),
    "utf8",
  ),
);

function answer(vector: Vector): { value: JsonValue } | { error: string } {
  const scope = vector.scope ?? {};
  try {
    if (vector.template === undefined)
      return { value: evaluate(parseExpression(vector.expr ?? ""), scope) };
    const [wrong] = typeof vector.template === "string" ? scanTemplate(vector.template).errors : [];
    if (wrong) throw wrong;
    return { value: render(vector.template, scope) };
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return { error: error.code };
    if (error instanceof ExpressionError) return { error: "expression" };
    throw error;
  }
}

describe("the shared vectors", () => {
  it.each(
    vectors.map((vector): [string, Vector] => [
      vector.expr ?? JSON.stringify(vector.template),
      vector,
    ]),
  )("answers %s", (_, vector) => {
    const expected = "error" in vector ? { error: vector.error } : { value: vector.value };
    expect(answer(vector)).toEqual(expected);
  });

  it("are many", () => {
    expect(vectors.length).toBeGreaterThan(300);
  });
});
