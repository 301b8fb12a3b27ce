import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "./parts.module.css";

interface Query<T> {
  data?: T;
  error?: unknown;
  isLoading: boolean;
  refetch: () => unknown;
}

/** What a request brought; before that its shape, and instead of it why it failed. */
export function Loaded<T>(props: { query: Query<T>; children: (data: T) => ReactNode }) {
  const { data, error, isLoading, refetch } = props.query;
  if (isLoading) return <Lines />;
  if (data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return props.children(data);
}

function Lines() {
  return (
    <div className={styles.table} aria-hidden>
      {["a", "b", "c", "d"].map((line) => (
        <div key={line} className={styles.waiting}>
          <Skeleton height={18} width="40%" />
          <Skeleton height={18} width="18%" />
          <Skeleton height={18} width="12%" />
        </div>
      ))}
    </div>
  );
}
