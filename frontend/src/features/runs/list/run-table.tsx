import { Button, Checkbox } from "@mantine/core";
import { IconActivity, IconArrowUp } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type ListRunsApiArg, type RunList, useListRunsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { LinkTable } from "@/shared/ui/link-table";
import { TableSkeleton } from "@/shared/ui/table-skeleton";
import { RunRow } from "./run-row";
import styles from "./runs.module.css";
import { RunsBulkBar } from "./runs-bulk-bar";
import { useChosen } from "./use-chosen";
import { useStableRuns } from "./use-stable-runs";

const EVERY_MS = 4_000;
const PAGE = 100;

/** The runs that a filter lets through, page by page; the page that is looked at is read again and again. */
export function RunTable({ query }: { query: ListRunsApiArg }) {
  const { t } = useTranslation("runs");
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const { currentData, error, isFetching, refetch } = useListRunsQuery(
    { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) },
    { pollingInterval: EVERY_MS, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: true },
  );
  if (!currentData && isFetching)
    return <TableSkeleton className={styles.waiting} rows={8} widths={["70%", 84, 60]} />;
  if (!currentData) return <ErrorState error={error} onRetry={refetch} />;
  return (
    <>
      {currentData.items.length === 0 && cursors.length === 0 ? (
        <NoRuns isFiltered={Object.keys(query).length > 0} />
      ) : (
        <Listed key={cursor ?? ""} page={currentData} isNewest={!cursor} />
      )}
      <nav className={styles.pages} aria-label={t("pages.title")}>
        {cursors.length > 0 && (
          <Button variant="default" size="xs" onClick={() => setCursors(cursors.slice(0, -1))}>
            {t("pages.newer")}
          </Button>
        )}
        {currentData.next_cursor && (
          <Button
            variant="default"
            size="xs"
            onClick={() => setCursors([...cursors, currentData.next_cursor ?? ""])}
          >
            {t("pages.older")}
          </Button>
        )}
      </nav>
    </>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation("runs");
  const open = (
    <Button component={Link} to="/workflows">
      {t("open_workflows")}
    </Button>
  );
  return (
    <EmptyState icon={IconActivity} title={t(isFiltered ? "none_so" : "empty")} actions={open}>
      {t(isFiltered ? "none_so_text" : "empty_text")}
    </EmptyState>
  );
}

function Listed({ page, isNewest }: { page: RunList; isNewest: boolean }) {
  const { t } = useTranslation("runs");
  const { items, added, showAll } = useStableRuns(page.items, page.next_cursor !== null);
  const { chosen, isChosen, toggle, toggleAll, clear } = useChosen(items);
  return (
    <>
      <div className={styles.above} role="status">
        {isNewest && added > 0 && (
          <Button size="xs" leftSection={<IconArrowUp size={14} />} onClick={showAll}>
            {t("new_runs", { count: added })}
          </Button>
        )}
      </div>
      {chosen.length > 0 && <RunsBulkBar runs={chosen} onClear={clear} />}
      <LinkTable
        className={styles.runs}
        label={t("title")}
        lead={
          <Checkbox
            aria-label={t("bulk.choose_all")}
            checked={items.length > 0 && chosen.length === items.length}
            indeterminate={chosen.length > 0 && chosen.length < items.length}
            onChange={toggleAll}
          />
        }
        columns={["workflow", "status", "started", "elapsed", "tokens", "cost"].map((name) =>
          t(name),
        )}
      >
        {items.map((run) => (
          <RunRow key={run.id} run={run} isChosen={isChosen(run.id)} onChoose={toggle} />
        ))}
      </LinkTable>
    </>
  );
}
