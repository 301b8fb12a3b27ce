/** The agents that steps can name beside the platform's: the workspace's, then the document's own. */
import { useMemo } from "react";
import { useListAgentsQuery } from "@/api/generated";
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";

/** Return them by name; where the document defines one too, it goes first. */
export function useNamedAgents(written: JsonValue | undefined): JsonObject {
  const { data } = useListAgentsQuery();
  return useMemo(() => {
    const kept = (data?.items ?? []).filter(({ scope }) => scope === "workspace");
    const own = Object.fromEntries(kept.map(({ name, kind }) => [name, { kind }]));
    return isMap(written) ? { ...own, ...written } : own;
  }, [data, written]);
}
