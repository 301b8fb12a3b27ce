// @vitest-environment jsdom
/** Which agents the form of a step offers. */
import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { toolsFor } from "@/domain/document/agent-tools";
import { FakeGateway } from "@/testing/fake-gateway";
import { renderPart } from "@/testing/render";
import { useNamedAgents } from "./use-named-agents";

let server: ReturnType<FakeGateway["listen"]>;
beforeEach(() => {
  server = new FakeGateway().listen();
  const items = [
    { name: "research", kind: "research", scope: "platform" },
    { name: "critic", kind: "qa", scope: "workspace" },
    { name: "editor", kind: "qa", scope: "workspace" },
  ];
  server.use(http.get("*/v1/agents", () => HttpResponse.json({ items, next_cursor: null })));
});
afterEach(() => server.close());

function Offered() {
  const agents = useNamedAgents({ editor: { kind: "analysis", role: "Editor" } });
  const tools = ["critic", "editor"].map((agent) => toolsFor({ agent }, agents).at(-1));
  return <p>{[...Object.keys(agents), ...tools].join(" ")}</p>;
}

it("offers the workspace's agents with the tools of their kind, the document's own first", async () => {
  await renderPart(<Offered />);
  const offered = "critic editor qa.compare_with_golden table.chart";
  expect(await screen.findByText(offered, {}, { timeout: 10_000 })).toBeVisible();
}, 20_000);
