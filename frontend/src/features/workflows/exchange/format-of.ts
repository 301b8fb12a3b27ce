/** Of which program a workflow file is, by what stands in it and what it is called. */
import type { ImportWorkflow } from "@/api/generated";
import { isRecord } from "@/shared/lib/problem";

export type Format = NonNullable<ImportWorkflow["format"]>;

export const FORMATS: Format[] = ["flowloom", "n8n", "dify", "langflow", "flowise", "crewai"];

/** What is to be imported: a crew has its agents in a file of their own. */
export interface Given {
  source: string;
  agents: string;
}

/** Return the format, undefined when nothing tells. */
export function formatOf({ source, agents }: Given): Format | undefined {
  if (agents.trim()) return "crewai";
  const data = asJson(source);
  if (data === undefined) return ofYaml(source);
  if (!isRecord(data)) return undefined;
  if ("apiVersion" in data) return "flowloom";
  if ("nodes" in data) return "connections" in data ? "n8n" : "flowise";
  return isRecord(data.data) && "nodes" in data.data ? "langflow" : undefined;
}

/** Put files together: one is the workflow, and one that is called `agents` belongs to a crew. */
export function givenBy(files: { name: string; text: string }[]): Given {
  const isAgents = ({ name }: { name: string }) => /(^|[^a-z])agents\.ya?ml$/i.test(name);
  const crew = files.length > 1 ? files.find(isAgents) : undefined;
  const other = files.find((file) => file !== crew);
  return { source: other?.text ?? "", agents: crew?.text ?? "" };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ofYaml(text: string): Format | undefined {
  if (text.includes("apiVersion: flowloom/")) return "flowloom";
  const lines = new Set(text.split("\n").map((line) => line.trim()));
  return lines.has("kind: app") || lines.has("workflow:") ? "dify" : undefined;
}
