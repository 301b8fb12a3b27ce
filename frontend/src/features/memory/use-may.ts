import { useDescribeMeQuery } from "@/api/generated";

/** What the role allows here; the server decides. */
export function useMay(): { write: boolean; manage: boolean } {
  const { data } = useDescribeMeQuery();
  const has = (permission: string) => data?.permissions.includes(permission) ?? false;
  return { write: has("memory:write"), manage: has("memory:manage") };
}
