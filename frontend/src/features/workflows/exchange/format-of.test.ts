/** Files of other programs are known by what stands in them. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { formatOf, givenBy } from "./format-of";

const FOREIGN = new URL("../../../../../packages/language/tests/foreign/", import.meta.url);
const EXAMPLE = new URL("../../../../../examples/workflows/market-brief.yaml", import.meta.url);
const of = (source: string) => formatOf({ source, agents: "" });

it.each(readdirSync(FOREIGN))("knows whose %s is", (name) => {
  expect(of(readFileSync(new URL(name, FOREIGN), "utf8"))).toBe(name.split("-")[0]);
});

it("knows our own, as YAML and as JSON", () => {
  expect(of(readFileSync(EXAMPLE, "utf8"))).toBe("flowloom");
  expect(of('{"apiVersion": "flowloom/v1"}')).toBe("flowloom");
});

it("says nothing of what it does not know", () => {
  for (const text of ["", "[]", "3", "{}", '{"data": 1}', "steps: {}", "{"])
    expect(of(text)).toBeUndefined();
});

it("puts the two files of a crew together", () => {
  const agents = { name: "my-agents.yaml", text: "researcher: {}" };
  const tasks = { name: "tasks.yaml", text: "research: {}" };
  const given = givenBy([agents, tasks]);
  expect(given).toEqual({ source: tasks.text, agents: agents.text });
  expect(formatOf(given)).toBe("crewai");
  expect(givenBy([agents])).toEqual({ source: agents.text, agents: "" });
  expect(givenBy([])).toEqual({ source: "", agents: "" });
});
