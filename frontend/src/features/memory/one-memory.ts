/** One memory with the tag of what it says, which a correction is made over. */
import { api } from "@/api/api";
import type { AgentMemory } from "@/api/generated";

export interface TaggedMemory extends AgentMemory {
  etag?: string | null;
}

const tagged = api.enhanceEndpoints({
  endpoints: {
    getMemory: {
      // What somebody else has made of it is seen when it is opened.
      keepUnusedDataFor: 0,
      transformResponse: (memory: AgentMemory, meta): TaggedMemory => ({
        ...memory,
        etag: meta?.etag ?? null,
      }),
    },
  },
});

export const useOneMemoryQuery = tagged.useGetMemoryQuery;
