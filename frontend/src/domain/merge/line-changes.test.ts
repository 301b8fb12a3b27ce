import { expect, it } from "vitest";
import { aroundChanges, lineChanges } from "./line-changes";

const written = (before: string, after: string) =>
  lineChanges(before, after).map(({ sign, text }) => `${sign}${text}`);

it("says which lines only one of two texts has", () => {
  expect(written("a\nb\nc\n", "a\nx\nc\nd\n")).toEqual([" a", "-b", "+x", " c", "+d"]);
  expect(written("", "a\n")).toEqual(["+a"]);
  expect(written("a\n", "")).toEqual(["-a"]);
});

it("says nothing of texts that are the same", () => {
  expect(lineChanges("a\nb\n", "a\nb\n")).toEqual([]);
});

it("gives back both texts", () => {
  const [before, after] = ["a\nb\nc\nd\ne\n", "b\nc\nx\ny\ne\nf\n"];
  const lines = lineChanges(before, after);
  const of = (sign: string) =>
    lines.filter((one) => one.sign !== sign).map(({ text }) => `${text}\n`);
  expect(of("+").join("")).toBe(before);
  expect(of("-").join("")).toBe(after);
});

it("leaves out what is far from every change", () => {
  const before = Array.from({ length: 20 }, (_, n) => `${n}\n`).join("");
  const lines = aroundChanges(lineChanges(before, before.replace("10\n", "ten\n")), 1);
  expect(lines.map(({ sign, text }) => `${sign}${text}`)).toEqual([
    "gap",
    " 9",
    "-10",
    "+ten",
    " 11",
    "gap",
  ]);
});
