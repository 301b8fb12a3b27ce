/** What a form of an agent holds, and how it becomes what is saved. */
import type { Agent, AgentDefinition } from "@/api/generated";

export const KINDS = ["research", "analysis", "implementation", "qa"] as const;

export interface AgentFields {
  name: string;
  kind: AgentDefinition["kind"];
  role: string;
  goal: string;
  backstory: string;
  /** None chosen: those of its kind. */
  tools: string[];
  model: string;
}

/** Return the fields of an agent; the tools of its kind, all of them, are none chosen. */
export function fieldsOf(agent: Agent | undefined, agents: Agent[]): AgentFields {
  const kind = KINDS.find((one) => one === agent?.kind) ?? "research";
  const all = agents.find(({ name }) => name === kind)?.tools ?? [];
  const tools = agent?.tools ?? [];
  return {
    name: agent?.name ?? "",
    kind,
    role: agent?.role ?? "",
    goal: agent?.goal ?? "",
    backstory: agent?.backstory ?? "",
    tools: tools.join() === all.join() ? [] : tools,
    model: agent?.model ?? "",
  };
}

/** Return what is saved; what the form does not show stays as it was. */
export function definitionOf(fields: AgentFields, known: Agent | undefined): AgentDefinition {
  const { kind, role, goal, backstory, tools, model } = fields;
  return {
    kind,
    role: role.trim(),
    goal: goal.trim(),
    backstory: backstory.trim(),
    tools: tools.length > 0 ? tools : null,
    model: model.trim() || null,
    temperature: known?.temperature ?? null,
    max_tokens: known?.max_tokens ?? null,
  };
}
