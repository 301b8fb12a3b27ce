import { Button } from "@mantine/core";
import { IconChartDots } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Evaluation, useListEvaluationsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { LinkTable } from "@/shared/ui/link-table";
import { TableSkeleton } from "@/shared/ui/table-skeleton";
import { EvaluationRow } from "./evaluation-row";
import styles from "./evaluations.module.css";

const EVERY_MS = 4_000;
const COLUMNS = ["workflow", "dataset", "status", "scores", "started"];

/** All evaluations, the newest first. */
export function EvaluationList({ onNew }: { onNew: (() => void) | undefined }) {
  const { t } = useTranslation("evaluations");
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const cursor = cursors.at(-1) ?? null;
  const { data, error, isLoading, refetch } = useListEvaluationsQuery(
    { cursor },
    { pollingInterval: EVERY_MS, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: true },
  );
  if (isLoading)
    return <TableSkeleton className={styles.evaluations} rows={4} widths={["70%", "60%", 84]} />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  if (data.items.length === 0 && cursor === null) {
    return (
      <EmptyState
        icon={IconChartDots}
        title={t("empty")}
        actions={onNew && <Button onClick={onNew}>{t("new")}</Button>}
      >
        {t("empty_text")}
      </EmptyState>
    );
  }
  const { next_cursor } = data;
  return (
    <>
      <EvaluationTable items={data.items} />
      {(cursor !== null || next_cursor) && (
        <nav className={styles.pager} aria-label={t("pages")}>
          <Button
            variant="default"
            disabled={cursor === null}
            onClick={() => setCursors(cursors.slice(0, -1))}
          >
            {t("newer")}
          </Button>
          <Button
            variant="default"
            disabled={!next_cursor}
            onClick={() => setCursors([...cursors, next_cursor])}
          >
            {t("older")}
          </Button>
        </nav>
      )}
    </>
  );
}

function EvaluationTable({ items }: { items: Evaluation[] }) {
  const { t } = useTranslation("evaluations");
  return (
    <LinkTable
      className={styles.evaluations}
      label={t("title")}
      columns={COLUMNS.map((name) => t(`columns.${name}`))}
    >
      {items.map((one) => (
        <EvaluationRow key={one.id} evaluation={one} />
      ))}
    </LinkTable>
  );
}
