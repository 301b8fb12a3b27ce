/** What is known of the tools that a step can name: the platform's own, and those of MCP servers that are agreed to. */
import type { McpServerList, McpTool } from "@/api/generated";
import { REPEATABLE_TOOLS } from "@/domain/document/agent-tools";
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";

export interface KnownTool {
  name: string;
  /** Empty for one of the platform. */
  server: string;
  /** In the server's words; one of the platform is described in ours. */
  description: string;
  effect: McpTool["effect"];
  schema: JsonObject;
}

export interface Argument {
  name: string;
  type: string;
  description: string;
  isRequired: boolean;
}

const MCP = "mcp/";

export function isMcp(name: string): boolean {
  return name.startsWith(MCP);
}

/** Return the tools of all servers and of the operator's programs, by the names that documents write. */
export function toolsOf({ items, programs }: McpServerList): KnownTool[] {
  const remote = items.flatMap(({ name: server, tools }) =>
    tools.map(({ name, description, effect, input_schema }) => ({
      name: `${MCP}${server}.${name}`,
      server,
      description,
      effect,
      schema: input_schema as JsonObject,
    })),
  );
  // What a program says of its tools is not known before it runs.
  const local = programs.flatMap(({ name: server, tools }) =>
    tools.map(({ name, effect }) => ({
      name: `${MCP}${server}.${name}`,
      server,
      description: "",
      effect,
      schema: {},
    })),
  );
  return [...remote, ...local];
}

export function ofPlatform(name: string): KnownTool {
  const effect = REPEATABLE_TOOLS.includes(name) ? "idempotent" : "none";
  return { name, server: "", description: "", effect, schema: SCHEMAS[name] ?? {} };
}

export function argumentsOf(schema: JsonObject): Argument[] {
  const properties = isMap(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, one]) => ({
    name,
    type: isMap(one) && typeof one.type === "string" ? one.type : "",
    description: isMap(one) && typeof one.description === "string" ? one.description : "",
    isRequired: required.includes(name),
  }));
}

/** Return what a step still has to give, with a value of the right type. */
export function missingArguments(schema: JsonObject, given: JsonValue | undefined): JsonObject {
  const known = asMap(given);
  const missing = argumentsOf(schema).filter(
    ({ name, isRequired }) => isRequired && !(name in known),
  );
  return Object.fromEntries(missing.map(({ name, type }) => [name, EMPTY[type] ?? ""]));
}

export function asMap(value: JsonValue | undefined): JsonObject {
  return isMap(value) ? value : {};
}

const EMPTY: Record<string, JsonValue> = {
  integer: 0,
  number: 0,
  boolean: false,
  array: [],
  object: {},
};
const TEXT = { type: "string" };

/** Arguments of the tools that a step can call without an agent. */
const SCHEMAS: Record<string, JsonObject> = {
  "memory.search": {
    required: ["query"],
    properties: { query: TEXT, collection: TEXT, top: { type: "integer" } },
  },
  "memory.store": { required: ["text"], properties: { text: TEXT, collection: TEXT } },
};
