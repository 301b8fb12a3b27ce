import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconSchema, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useListWorkflowsQuery, type WorkflowSummary } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { LinkTable } from "@/shared/ui/link-table";
import { Page } from "@/shared/ui/page";
import { TableSkeleton } from "@/shared/ui/table-skeleton";
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
  if (isLoading)
    return <TableSkeleton className={styles.workflows} rows={6} widths={["60%", 80, 70, 90]} />;
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
    <LinkTable
      className={styles.workflows}
      label={t("title")}
      columns={["name", "state", "published", "changed"].map((name) => t(`columns.${name}`))}
      actions={t("columns.actions")}
    >
      {found.map((item) => (
        <WorkflowRow key={item.id} workflow={item} />
      ))}
    </LinkTable>
  );
}

function isMatch(item: WorkflowSummary, search: string): boolean {
  const text = `${item.title} ${item.name}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
