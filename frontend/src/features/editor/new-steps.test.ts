import { describe, expect, it } from "vitest";
import { readWorkflow } from "@/domain/document/workflow";
import { fresh, predecessor, takes, wiresFor } from "./new-steps";

const WORKFLOW = readWorkflow(`inputs: {type: object, properties: {topic: {type: string}}}
steps:
  plan: {agent: research, prompt: x, output: {type: array}}
  say: {agent: research, prompt: x}
  route: {switch: [{else: plan}]}
`);
const ASK = { agent: "research", prompt: "Find what is known about ${inputs.topic}." };
const at = (path: string) => WORKFLOW.byPath.get(path);

describe("a new step", () => {
  it("asks about the output of the step before it", () => {
    expect(fresh("agent", ASK, WORKFLOW, at("steps.say"))).toEqual({
      agent: "research",
      prompt: "Find what is known about ${steps.say.output}.",
    });
  });

  it("keeps an input that the document has, and writes the word for one it has not", () => {
    expect(fresh("agent", ASK, WORKFLOW)).toEqual(ASK);
    expect(fresh("transform", { transform: { text: "${inputs.text}" } }, WORKFLOW)).toEqual({
      transform: { text: "text" },
    });
    expect(fresh("loop", { loop: { over: "${inputs.items}" } }, WORKFLOW)).toEqual({
      loop: { over: "${[1, 2, 3]}" },
    });
  });

  it("takes an output only where it fits", () => {
    expect(takes("loop", at("steps.plan"))).toBe(true);
    expect(takes("loop", at("steps.say"))).toBe(false);
    expect(takes("tool", at("steps.say"))).toBe(true);
    expect(takes("tool", at("steps.plan"))).toBe(false);
    expect(takes("agent", at("steps.route"))).toBe(false);
    expect(takes("agent", undefined)).toBe(false);
  });
});

describe("the wires of a new step", () => {
  const screen = { x: 0, y: 0 };
  const request = { block: "steps", at: undefined, screen, source: "steps.say" };

  it("need no name where the step refers to the one before it", () => {
    expect(wiresFor(request, "steps.new", "steps.say")).toEqual([]);
    expect(wiresFor(request, "steps.new")).toEqual([
      { op: "connect", source: "steps.say", target: "steps.new" },
    ]);
  });

  it("take the place of the wire it is put into", () => {
    const into = { source: "steps.plan", target: "steps.say", branch: undefined };
    expect(wiresFor({ ...request, into }, "steps.new")).toEqual([
      { op: "connect", source: "steps.plan", target: "steps.new" },
      { op: "disconnect", source: "steps.plan", target: "steps.say" },
      { op: "connect", source: "steps.new", target: "steps.say" },
    ]);
    expect(predecessor(WORKFLOW, { ...request, into })?.id).toBe("plan");
    expect(predecessor(WORKFLOW, { ...request, block: "steps.loop.do" })).toBeUndefined();
  });
});
