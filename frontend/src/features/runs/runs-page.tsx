import { Button, Skeleton } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { type Run, useListRunsQuery } from "@/api/generated";
import { ago, compactNumber, dateTime, duration, money } from "@/shared/lib/format";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { StatusBadge } from "@/shared/ui/status-badge";
import { RunFilterBar } from "./run-filter-bar";
import { filtersOf, queryOf } from "./run-filters";
import styles from "./runs.module.css";

const EVERY_MS = 4_000;

/** All runs, the newest first; the filter stands in the URL. */
export function RunsPage() {
  const { t } = useTranslation("runs");
  return (
    <Page title={t("title")} text={t("text")}>
      <RunFilterBar />
      <RunTable />
    </Page>
  );
}

function RunTable() {
  const { t } = useTranslation("runs");
  const [search] = useSearchParams();
  const query = queryOf(filtersOf(search));
  const { data, error, isLoading, refetch } = useListRunsQuery(
    { ...query, limit: 100 },
    { pollingInterval: EVERY_MS, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: true },
  );
  if (isLoading) return <TableSkeleton />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  if (data.items.length === 0) {
    const open = (
      <Button component={Link} to="/workflows">
        {t("open_workflows")}
      </Button>
    );
    return (
      <EmptyState
        icon={IconActivity}
        title={t(Object.keys(query).length > 0 ? "none_so" : "empty")}
        actions={open}
      >
        {t("empty_text")}
      </EmptyState>
    );
  }
  return (
    <div className={styles.table} role="table" aria-label={t("title")}>
      <div className={styles.head} role="row">
        {["workflow", "status", "started", "elapsed", "tokens", "cost"].map((column) => (
          <span key={column} role="columnheader">
            {t(column)}
          </span>
        ))}
      </div>
      {data.items.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </div>
  );
}

function RunRow({ run }: { run: Run }) {
  const { t } = useTranslation("runs");
  const started = run.started_at ?? run.created_at;
  const elapsed = run.started_at
    ? new Date(run.finished_at ?? Date.now()).getTime() - new Date(run.started_at).getTime()
    : null;
  return (
    <div className={styles.row} role="row">
      <span role="cell" className={styles.name}>
        <Link to={`/runs/${run.id}`}>{run.workflow.name}</Link>
        <span className={styles.sub}>
          {run.version === "draft" ? t("of_draft") : t("of_version", { version: run.version })}
        </span>
      </span>
      <span role="cell">
        <StatusBadge status={run.status} />
      </span>
      <time role="cell" dateTime={started} title={dateTime(started)}>
        {ago(started)}
      </time>
      <span role="cell">{elapsed === null ? "–" : duration(elapsed)}</span>
      <span role="cell">{compactNumber(run.usage.tokens)}</span>
      <span role="cell">{money(run.usage.usd)}</span>
    </div>
  );
}

function TableSkeleton() {
  return (
    <div className={styles.table} aria-hidden>
      {Array.from({ length: 8 }, (_, row) => row).map((row) => (
        <div key={row} className={styles.row}>
          <Skeleton height={18} width="70%" />
          <Skeleton height={18} width={84} />
          <Skeleton height={18} width={60} />
        </div>
      ))}
    </div>
  );
}
