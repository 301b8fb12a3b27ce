/** What a workflow can be made of: the server's catalogue, by kind. */
import { useMemo } from "react";
import { type StepType, useListStepTypesQuery } from "@/api/generated";
import type { KindLook } from "@/canvas/card-model";

export interface Catalogue {
  items: StepType[];
  byKind: ReadonlyMap<string, StepType>;
  looks: ReadonlyMap<string, KindLook>;
  groups: { id: string; title: string; folded: boolean }[];
  isLoading: boolean;
  error: unknown;
}

export function useCatalogue(): Catalogue {
  const { data, isLoading, error } = useListStepTypesQuery({});
  return useMemo(() => {
    const items = data?.items ?? [];
    return {
      items,
      byKind: new Map(items.map((item) => [item.kind, item])),
      looks: new Map(items.map((item) => [item.kind, item])),
      groups: data?.groups ?? [],
      isLoading,
      error,
    };
  }, [data, isLoading, error]);
}
