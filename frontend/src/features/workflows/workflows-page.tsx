import { Button } from "@mantine/core";
import { IconFileImport, IconLayoutGrid, IconPlus, IconSchema } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useListWorkflowsQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { late } from "@/shared/lib/late";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { TableSkeleton } from "@/shared/ui/table-skeleton";
import type { Given } from "./exchange/format-of";
import { useDropped } from "./exchange/use-dropped";
import { FilterBar } from "./filter-bar";
import { NewWorkflowDialog } from "./new-workflow-dialog";
import { isMatch, useListFilter } from "./use-list-filter";
import { NothingFound, WorkflowTable } from "./workflow-table";
import styles from "./workflows.module.css";

const ImportDialog = late(() => import("./exchange/import-dialog"));
const NOTHING: Given = { source: "", agents: "" };

/** All workflows; a file that is dropped here, and a document that is pasted, becomes one more. */
export function WorkflowsPage() {
  const { t } = useTranslation("workflows");
  const mayWrite = useMay("workflows:write");
  const [isNew, setIsNew] = useState(false);
  const [given, setGiven] = useState<Given>();
  const { isOver, zone } = useDropped(mayWrite, setGiven);
  const ways = (
    <>
      <Button
        variant="default"
        leftSection={<IconFileImport size={16} />}
        disabled={!mayWrite}
        onClick={() => setGiven(NOTHING)}
      >
        {t("import.import")}
      </Button>
      <Button
        leftSection={<IconPlus size={16} />}
        disabled={!mayWrite}
        onClick={() => setIsNew(true)}
      >
        {t("new")}
      </Button>
    </>
  );
  return (
    <div className={styles.zone} data-over={isOver || undefined} {...zone}>
      <Page title={t("title")} text={t("text")} actions={ways}>
        <WorkflowList mayWrite={mayWrite} ways={ways} />
        <NewWorkflowDialog isOpen={isNew} onClose={() => setIsNew(false)} />
        {given && (
          <Suspense>
            <ImportDialog given={given} onClose={() => setGiven(undefined)} />
          </Suspense>
        )}
      </Page>
    </div>
  );
}

function WorkflowList({ mayWrite, ways }: { mayWrite: boolean; ways: React.ReactNode }) {
  const { filter, change } = useListFilter();
  const [search, setSearch] = useState("");
  const { label, state } = filter;
  const { data, error, isLoading, refetch } = useListWorkflowsQuery(
    { limit: 200, ...(label && { label }), ...(state && { state: [state] }) },
    { refetchOnMountOrArgChange: true },
  );
  if (isLoading)
    return <TableSkeleton className={styles.waiting} rows={6} widths={["60%", 80, 70, 90]} />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  const isFiltered = label !== null || state !== null;
  if (data.items.length === 0 && !isFiltered) return <NoWorkflow ways={ways} />;
  const found = data.items.filter((item) => isMatch(item, search));
  const clear = () => {
    setSearch("");
    change({ label: null, state: null });
  };
  return (
    <>
      <FilterBar
        search={search}
        onSearch={setSearch}
        items={data.items}
        filter={filter}
        change={change}
      />
      {found.length === 0 ? (
        <NothingFound search={search} onClear={clear} />
      ) : (
        <WorkflowTable
          items={found}
          mayWrite={mayWrite}
          onLabel={(next) => change({ label: next })}
        />
      )}
    </>
  );
}

function NoWorkflow({ ways }: { ways: React.ReactNode }) {
  const { t } = useTranslation("workflows");
  return (
    <EmptyState
      icon={IconSchema}
      title={t("empty")}
      actions={
        <>
          {ways}
          <Button
            component={Link}
            to="/templates"
            variant="default"
            leftSection={<IconLayoutGrid size={16} />}
          >
            {t("from_template")}
          </Button>
        </>
      }
    >
      {t("empty_text")}
    </EmptyState>
  );
}
