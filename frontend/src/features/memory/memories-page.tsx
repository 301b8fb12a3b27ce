import { Button, Skeleton } from "@mantine/core";
import { IconBrain } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type AgentMemory, useListMemoriesQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { ForgetAll } from "./forget-dialogs";
import styles from "./memory.module.css";
import { MemoryCard } from "./memory-card";
import { MemoryDrawer } from "./memory-drawer";
import { MemoryFilters } from "./memory-filters";
import { PageButtons } from "./page-buttons";
import { useMemoryFilter } from "./use-memory-filter";

const PAGE = 50;

/** What agents have kept: found, read, corrected and forgotten. */
export function MemoriesPage() {
  const { t } = useTranslation("memory");
  return (
    <Page
      title={t("kept.title")}
      text={t("kept.text")}
      actions={
        <>
          <ForgetAll />
          <Button component={Link} to="/memory" variant="default">
            {t("title")}
          </Button>
        </>
      }
    >
      <MemoryFilters />
      <Memories />
    </Page>
  );
}

function Memories() {
  const { t } = useTranslation("memory");
  const { filter, isFiltered, shown, change } = useMemoryFilter();
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  // Another question begins with its first page.
  const [asked, setAsked] = useState(filter);
  if (JSON.stringify(asked) !== JSON.stringify(filter)) {
    setAsked(filter);
    setCursors([]);
  }
  const { data, error, isFetching, isError, refetch } = useListMemoriesQuery(
    { ...filter, limit: PAGE, ...(cursor ? { cursor } : {}) },
    { refetchOnMountOrArgChange: true },
  );
  if (isError) return <ErrorState error={error} onRetry={refetch} />;
  if (!data) return <Skeleton height={300} radius="lg" />;
  if (data.items.length === 0) {
    return (
      <EmptyState icon={IconBrain} title={t(isFiltered ? "nothing_found" : "kept.empty")}>
        {t(isFiltered ? "kept.nothing_found_text" : "kept.empty_text")}
      </EmptyState>
    );
  }
  return (
    <>
      <MemoryList items={data.items} isBusy={isFetching} />
      <PageButtons cursors={cursors} next={data.next_cursor} onGo={setCursors} />
      <MemoryDrawer id={shown} onClose={() => change({ memory: null })} />
    </>
  );
}

function MemoryList({ items, isBusy }: { items: AgentMemory[]; isBusy: boolean }) {
  const { t } = useTranslation("memory");
  return (
    <ol className={styles.hits} aria-label={t("kept.title")} aria-busy={isBusy}>
      {items.map((memory) => (
        <MemoryCard key={memory.id} memory={memory} />
      ))}
    </ol>
  );
}
