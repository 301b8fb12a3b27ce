// The tools that each kind of agent brings along; a contract test compares them with the server's catalogue.
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import { BUILT_IN_AGENTS } from "./words";

export const TOOLS_OF_ALL = ["memory.search", "memory.store"] as const;

export const TOOLS_OF_KINDS: Record<(typeof BUILT_IN_AGENTS)[number], readonly string[]> = {
  research: ["knowledge.search", "web.fetch", "web.search_site"],
  analysis: [
    "files.list",
    "files.read",
    "files.write",
    "table.list",
    "table.describe",
    "table.query",
    "table.chart",
  ],
  implementation: ["files.list", "files.read", "files.write", "files.edit", "code.run"],
  qa: [
    "files.list",
    "files.read",
    "qa.check_schema",
    "qa.assert",
    "qa.compare_with_sources",
    "qa.compare_with_golden",
  ],
};

/** Tools that change something, but no more when they are called again; all others of the platform only read. */
export const REPEATABLE_TOOLS: readonly string[] = [
  "memory.store",
  "files.write",
  "files.edit",
  "table.chart",
  "code.run",
];

/** The tools that the agent of a step may be given, whether it is built in, the workspace's or the document's own. */
export function toolsFor(step: JsonObject, agents: JsonValue | undefined): string[] {
  const name = typeof step.agent === "string" ? step.agent : "";
  const own = isMap(agents) ? agents[name] : undefined;
  const kind = isMap(own) ? own.kind : name;
  const known = BUILT_IN_AGENTS.find((one) => one === kind);
  return [...TOOLS_OF_ALL, ...(known ? TOOLS_OF_KINDS[known] : [])];
}
