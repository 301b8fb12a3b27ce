import { Button } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { type Run, useListRunsQuery } from "@/api/generated";
import { ago, compactNumber, dateTime, duration, money } from "@/shared/lib/format";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { LinkRow } from "@/shared/ui/link-row";
import { LinkTable } from "@/shared/ui/link-table";
import { Page } from "@/shared/ui/page";
import { StatusBadge } from "@/shared/ui/status-badge";
import { TableSkeleton } from "@/shared/ui/table-skeleton";
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
  if (isLoading) return <TableSkeleton className={styles.runs} rows={8} widths={["70%", 84, 60]} />;
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
    <LinkTable
      className={styles.runs}
      label={t("title")}
      columns={["workflow", "status", "started", "elapsed", "tokens", "cost"].map((name) =>
        t(name),
      )}
    >
      {data.items.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </LinkTable>
  );
}

function RunRow({ run }: { run: Run }) {
  const { t } = useTranslation("runs");
  const started = run.started_at ?? run.created_at;
  const elapsed = run.started_at
    ? new Date(run.finished_at ?? Date.now()).getTime() - new Date(run.started_at).getTime()
    : null;
  return (
    <LinkRow
      to={`/runs/${run.id}`}
      name={run.workflow.name}
      sub={run.version === "draft" ? t("of_draft") : t("of_version", { version: run.version })}
    >
      <span role="cell">
        <StatusBadge status={run.status} />
      </span>
      <time role="cell" dateTime={started} title={dateTime(started)}>
        {ago(started)}
      </time>
      <span role="cell">{elapsed === null ? "–" : duration(elapsed)}</span>
      <span role="cell">{compactNumber(run.usage.tokens)}</span>
      <span role="cell">{money(run.usage.usd)}</span>
    </LinkRow>
  );
}
