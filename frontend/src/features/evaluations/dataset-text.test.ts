/** Datasets between text and what is sent. */
import { expect, it } from "vitest";
import { datasetFrom, EXAMPLE, textOf } from "./dataset-text";

it("reads the example that a new dataset begins with", async () => {
  const read = await datasetFrom(" Harbours ", EXAMPLE);
  expect(read).toMatchObject({
    dataset: { name: "Harbours", cases: [{ name: "harbour" }], checks: [expect.any(String)] },
  });
});

it("writes what it has read, without what is empty", async () => {
  const dataset = {
    answer: "outputs",
    checks: [],
    grader: null,
    cases: [{ name: "a", golden: "b" }],
  };
  const text = await textOf(dataset);
  expect(text).toBe("answer: outputs\ncases:\n  - name: a\n    golden: b\n");
  expect(await datasetFrom("x", text)).toEqual({
    dataset: { name: "x", answer: "outputs", cases: [{ name: "a", golden: "b" }] },
  });
});

it("says where a text cannot be read", async () => {
  expect(await datasetFrom("x", "cases: [")).toEqual({ wrong: expect.stringContaining("line 1") });
});

it.each(["", "[]", "cases: 3", "checks: []"])("takes %j for no dataset", async (text) => {
  expect(await datasetFrom("x", text)).toEqual({ wrong: "" });
});

it("unfolds no text that grows beyond measure", async () => {
  const layers = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let layer = 0; layer < 8; layer += 1) {
    const [name, other] = [String.fromCharCode(98 + layer), String.fromCharCode(97 + layer)];
    layers.push(`${name}: &${name} [${Array(9).fill(`*${other}`).join(", ")}]`);
  }
  expect(await datasetFrom("x", `${layers.join("\n")}\ncases: *i`)).toEqual({ wrong: "" });
});
