/** What the form of an MCP server holds while it is edited, and what is sent of it. */
import type { McpServer, McpToolSeen, SaveMcpServer, SaveMcpTool } from "@/api/generated";

export type Effect = NonNullable<SaveMcpTool["effect"]>;
export const EFFECTS: readonly Effect[] = ["none", "idempotent", "once"];

/** A tool that is agreed to: the digest of what was shown, and what a repeated call would do. */
export interface Agreed {
  digest: string;
  effect: Effect;
}

export interface ServerFields {
  name: string;
  url: string;
  /** Name of a secret; empty: the server asks for none. */
  secret: string;
  header: string;
  scheme: string;
  calls_per_minute: number;
  timeout_s: number;
  tools: Record<string, Agreed>;
}

const NEW: ServerFields = {
  name: "",
  url: "",
  secret: "",
  header: "Authorization",
  scheme: "Bearer",
  calls_per_minute: 60,
  timeout_s: 30,
  tools: {},
};

export function fieldsOf(server: McpServer | undefined): ServerFields {
  if (!server) return NEW;
  const { name, url, credential, calls_per_minute, timeout_s, tools } = server;
  const text = (value: unknown, other: string) => (typeof value === "string" ? value : other);
  return {
    name,
    url,
    calls_per_minute,
    timeout_s,
    secret: secretOf(credential),
    header: text(credential?.header, NEW.header),
    scheme: text(credential?.scheme, NEW.scheme),
    tools: Object.fromEntries(
      tools.map((tool) => [tool.name, { digest: tool.digest, effect: tool.effect }]),
    ),
  };
}

export function secretOf(credential: McpServer["credential"]): string {
  return typeof credential?.secret === "string" ? credential.secret : "";
}

export function serverOf(fields: ServerFields): SaveMcpServer {
  const { secret, header, scheme, tools, ...rest } = fields;
  return {
    ...rest,
    name: rest.name.trim(),
    url: rest.url.trim(),
    credential: secret ? { secret, header: header.trim(), scheme: scheme.trim() } : null,
    tools: Object.entries(tools).map(([name, agreed]) => ({ name, ...agreed })),
  };
}

export function isComplete({ name, url }: ServerFields): boolean {
  return name.trim() !== "" && url.trim() !== "";
}

/** Agree to a tool as it was shown, or take that back; the effect is the strictest until somebody says otherwise. */
export function toggled(fields: ServerFields, seen: McpToolSeen, isWanted: boolean): ServerFields {
  const { [seen.name]: known, ...others } = fields.tools;
  if (!isWanted) return { ...fields, tools: others };
  const agreed = { digest: seen.digest, effect: known?.effect ?? "once" };
  return { ...fields, tools: { ...fields.tools, [seen.name]: agreed } };
}
