import type { ReactNode } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { TableSkeleton } from "@/shared/ui/table-skeleton";
import styles from "./parts.module.css";

export interface LoadedQuery<T> {
  data?: T;
  error?: unknown;
  isLoading: boolean;
  refetch: () => unknown;
}

/** What a request brought; before that its shape, and instead of it why it failed. */
export function Loaded<T>(props: { query: LoadedQuery<T>; children: (data: T) => ReactNode }) {
  const { data, error, isLoading, refetch } = props.query;
  if (isLoading)
    return <TableSkeleton className={styles.waiting} rows={4} widths={["80%", "70%", "60%"]} />;
  if (data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return props.children(data);
}
