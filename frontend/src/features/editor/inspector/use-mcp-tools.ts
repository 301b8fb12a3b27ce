import { useMemo } from "react";
import { useListMcpServersQuery } from "@/api/generated";
import { type KnownTool, toolsOf } from "./known-tools";

/** The tools of MCP servers that may be called in the workspace; none while that is not known. */
export function useMcpTools(): { tools: KnownTool[]; isKnown: boolean } {
  const { data } = useListMcpServersQuery();
  return useMemo(() => ({ tools: data ? toolsOf(data) : [], isKnown: data !== undefined }), [data]);
}
