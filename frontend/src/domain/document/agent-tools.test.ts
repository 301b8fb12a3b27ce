import { describe, expect, it } from "vitest";
import { TOOLS_OF_ALL, toolsFor } from "./agent-tools";

describe("the tools for an agent", () => {
  it("are those of its kind", () => {
    expect(toolsFor({ agent: "research" }, undefined)).toContain("web.fetch");
    expect(toolsFor({ agent: "qa" }, undefined)).not.toContain("web.fetch");
  });

  it("are those of the kind that the document's own agent has", () => {
    expect(toolsFor({ agent: "checker" }, { checker: { kind: "qa" } })).toContain("qa.assert");
  });

  it("are the common ones while the agent is not known", () => {
    expect(toolsFor({ agent: 3 }, { x: null })).toEqual([...TOOLS_OF_ALL]);
  });
});
