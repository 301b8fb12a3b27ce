/** Completion and preview of expressions with the values of a run. */
import { describe, expect, it } from "vitest";
import { completed, completionsAt } from "./completions";
import { previewOf } from "./preview";

const SCOPE = {
  inputs: { topic: "night buses", tags: ["a", "b"] },
  steps: { plan: { output: { title: "Plan", parts: [{ name: "one" }] }, status: "succeeded" } },
};

function offered(text: string): string[] {
  return completionsAt(text, text.length, SCOPE)?.items.map(({ insert }) => insert) ?? [];
}

describe("completion", () => {
  it("offers names and functions, then what the sample has there", () => {
    expect(offered("Write ${in")).toContain("inputs");
    expect(offered("${de")).toContain("default(");
    expect(offered("${inputs.")).toEqual(["topic", "tags"]);
    expect(offered("${steps.plan.output.parts[0].")).toEqual(["name"]);
    expect(offered("${size(steps.plan.o")).toEqual(["output"]);
  });

  it("is silent outside of expressions, and where a word is whole", () => {
    for (const text of ["inputs.", "${inputs.topic} and inputs.", "$${inputs.", "${inputs.topic"]) {
      expect(offered(text)).toEqual([]);
    }
  });

  it("says what a value is, and puts it in the place of the word", () => {
    const text = "About ${inputs.to!";
    const found = completionsAt(text, text.length - 1, SCOPE);
    expect(found?.items).toEqual([{ insert: "topic", detail: "night buses" }]);
    expect(completed(text, text.length - 1, found?.from ?? 0, "topic")).toEqual({
      text: "About ${inputs.topic!",
      caret: 20,
    });
  });
});

describe("preview", () => {
  it("shows the value, why there is none, or nothing without an expression", () => {
    expect(previewOf("About ${inputs.topic}", SCOPE)).toEqual({
      ok: true,
      text: "About night buses",
    });
    expect(previewOf("${steps.gone.output}", SCOPE)).toMatchObject({ ok: false });
    expect(previewOf("plain", SCOPE)).toBeUndefined();
  });

  it("cuts what is long, and stops what would take long", () => {
    const long = { inputs: { text: "x".repeat(5_000) } };
    expect(previewOf("${inputs.text}", long)).toMatchObject({
      ok: true,
      text: `${"x".repeat(2_000)} …`,
    });
    const many = { inputs: { list: Array.from({ length: 3_000 }, (_, at) => at) } };
    const slow = "${inputs.list.map(a, inputs.list.map(b, inputs.list.map(c, a + b + c)))}";
    expect(previewOf(slow, many)).toMatchObject({ ok: false });
  });
});
