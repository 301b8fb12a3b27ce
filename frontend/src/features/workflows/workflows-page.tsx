import { Button, Skeleton, TextInput } from "@mantine/core";
import { IconPlus, IconSchema, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useListWorkflowsQuery, type WorkflowSummary } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { NewWorkflowDialog } from "./new-workflow-dialog";
import { WorkflowRow } from "./workflow-row";
import styles from "./workflows.module.css";

export function WorkflowsPage() {
  const { t } = useTranslation("workflows");
  const [isNew, setIsNew] = useState(false);
  const [search, setSearch] = useState("");
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setIsNew(true)}>
      {t("new")}
    </Button>
  );
  return (
    <Page title={t("title")} text={t("text")} actions={create}>
      <TextInput
        className={styles.search}
        aria-label={t("search")}
        placeholder={t("search")}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <WorkflowTable search={search} onNew={() => setIsNew(true)} />
      <NewWorkflowDialog isOpen={isNew} onClose={() => setIsNew(false)} />
    </Page>
  );
}

function WorkflowTable({ search, onNew }: { search: string; onNew: () => void }) {
  const { t } = useTranslation("workflows");
  const { data, error, isLoading, refetch } = useListWorkflowsQuery(
    { limit: 200 },
    { refetchOnMountOrArgChange: true },
  );
  if (isLoading) return <TableSkeleton />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  if (data.items.length === 0) {
    return (
      <EmptyState
        icon={IconSchema}
        title={t("empty")}
        actions={<Button onClick={onNew}>{t("new")}</Button>}
      >
        {t("empty_text")}
      </EmptyState>
    );
  }
  const found = data.items.filter((item) => isMatch(item, search));
  if (found.length === 0) {
    return (
      <EmptyState icon={IconSearch} title={t("nothing_found")}>
        {t("nothing_found_text", { search })}
      </EmptyState>
    );
  }
  return (
    <div className={styles.table} role="table" aria-label={t("title")}>
      <div className={styles.head} role="row">
        {["name", "state", "published", "changed"].map((column) => (
          <span key={column} role="columnheader">
            {t(`columns.${column}`)}
          </span>
        ))}
        <span role="columnheader" aria-label={t("columns.actions")} />
      </div>
      {found.map((item) => (
        <WorkflowRow key={item.id} workflow={item} />
      ))}
    </div>
  );
}

function isMatch(item: WorkflowSummary, search: string): boolean {
  const text = `${item.title} ${item.name}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function TableSkeleton() {
  return (
    <div className={styles.table} aria-hidden>
      {Array.from({ length: 6 }, (_, row) => row).map((row) => (
        <div key={row} className={styles.row}>
          <Skeleton height={18} width="60%" />
          <Skeleton height={18} width={80} />
          <Skeleton height={18} width={70} />
          <Skeleton height={18} width={90} />
        </div>
      ))}
    </div>
  );
}
