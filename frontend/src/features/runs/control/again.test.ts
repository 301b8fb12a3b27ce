/** Which commands a run takes, and what a new run of the same workflow asks for. */
import { expect, it } from "vitest";
import type { Run } from "@/api/generated";
import { bodyOf, newerVersion, readInputs } from "./again";
import { commandsOf } from "./commands";

const RUN = { version: 3, inputs: { topic: "night buses" } } as unknown as Run;
const DRAFT = { ...RUN, version: "draft" } as Run;

it("offers what the state of a run allows, and nothing while it is being cancelled", () => {
  expect(commandsOf("running")).toEqual(["pause", "cancel"]);
  expect(commandsOf("paused")).toEqual(["resume", "cancel"]);
  expect(commandsOf("cancelling")).toEqual([]);
  expect(commandsOf("failed")).toEqual(["retry"]);
  expect(commandsOf("succeeded")).toEqual([]);
});

it("asks for the same version and inputs, unless others are given", () => {
  expect(bodyOf(RUN, {})).toEqual({ version: 3, inputs: { topic: "night buses" } });
  expect(bodyOf(RUN, { version: "draft" }).version).toBe("draft");
  expect(bodyOf(DRAFT, { inputs: {} })).toEqual({ version: "draft", inputs: {} });
});

it("offers the published version only where the run had another", () => {
  expect(newerVersion(RUN, 4)).toBe(4);
  expect(newerVersion(RUN, 3)).toBeNull();
  expect(newerVersion(DRAFT, 1)).toBe(1);
  expect(newerVersion(DRAFT, null)).toBeNull();
  expect(newerVersion(RUN, undefined)).toBeNull();
});

it("reads inputs only from a JSON object", () => {
  expect(readInputs('{"topic": "x"}')).toEqual({ topic: "x" });
  for (const text of ["", "[]", "3", "null", "{topic: x}"])
    expect(readInputs(text)).toBeUndefined();
});
