/** What ELK makes of workflows: nothing covers anything, order is from left to right. */
import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";
import { readWorkflow } from "../document/workflow";
import { arrange } from "./arrange";
import { EMPTY_LAYOUT } from "./layout";
import { tidied, tidiedAt, tidyGraph } from "./tidy-graph";

const workflow = readWorkflow(`steps:
  plan: {agent: research, prompt: x}
  each:
    loop: {over: "\${steps.plan.output}"}
    do:
      find: {tool: memory.search, with: {query: x}}
      say: {llm: default, prompt: "\${steps.find.output}"}
  route:
    switch:
      - {when: "\${steps.each.output != ''}", then: send}
      - {else: stop_here}
  send: {http: {url: "https://x.example"}}
  stop_here: {stop: {status: failed}}
on_failure: {do: {tell: {emit: {topic: t}}}}
`);
const elk = new ELK();

describe("tidying up", () => {
  it("places every step, inner ones inside, without one over another", async () => {
    const placed = await elk.layout(tidyGraph(workflow, "steps"));
    const nodes = tidied(workflow, placed, EMPTY_LAYOUT);
    const places = [...arrange(workflow, { ...EMPTY_LAYOUT, nodes }).values()];
    expect(places.length).toBe(8);
    for (const one of places) {
      for (const other of places.filter((two) => two !== one && two.parent === one.parent)) {
        const isApart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        expect(isApart, `${one.path} covers ${other.path}`).toBe(true);
      }
    }
    expect(nodes["steps.plan"]?.x).toBeLessThan(nodes["steps.each"]?.x ?? 0);
    expect(nodes["steps.send"]?.y).toBeLessThan(nodes["steps.stop_here"]?.y ?? 0);
  });

  it("moves only what was chosen, at the corner where it stood", async () => {
    const only = new Set(["steps.plan", "steps.each"]);
    const placed = await elk.layout(tidyGraph(workflow, "steps", only));
    const places = tidiedAt(placed, { x: 80, y: 400 });
    expect(Object.keys(places).toSorted()).toEqual([
      "steps.each",
      "steps.each.do.find",
      "steps.each.do.say",
      "steps.plan",
    ]);
    expect(Math.abs((places["steps.plan"]?.x ?? 0) - 80)).toBeLessThan(16);
  });
});
