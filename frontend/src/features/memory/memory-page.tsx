import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconBooks, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Collection, useListCollectionsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { CollectionDialog } from "./collection-dialog";
import { CollectionHead } from "./collection-head";
import { CollectionList } from "./collection-list";
import { DocumentDrawer } from "./document-drawer";
import { DocumentTable } from "./document-table";
import styles from "./memory.module.css";
import { SearchBench } from "./search-bench";
import { UploadZone } from "./upload-zone";
import { useMay } from "./use-may";
import { useShown, type View } from "./use-shown";

const VIEWS: View[] = ["documents", "search"];

/** What is known: collections beside the documents of one of them, and a bench to search them. */
export function MemoryPage() {
  const { t } = useTranslation("memory");
  const may = useMay();
  const { data, error, isLoading, refetch } = useListCollectionsQuery();
  const [isMaking, setIsMaking] = useState(false);
  const make = (
    <Button
      leftSection={<IconPlus size={16} />}
      disabled={!may.manage}
      title={may.manage ? undefined : t("not_allowed")}
      onClick={() => setIsMaking(true)}
    >
      {t("new_collection")}
    </Button>
  );
  return (
    <Page
      title={t("title")}
      text={t("text")}
      actions={
        <>
          <Button component={Link} to="/memory/kept" variant="default">
            {t("kept.link")}
          </Button>
          {make}
        </>
      }
    >
      {isLoading && <Skeleton height={360} radius="lg" />}
      {!isLoading && !data && <ErrorState error={error} onRetry={refetch} />}
      {data?.items.length === 0 && (
        <EmptyState icon={IconBooks} title={t("empty")} actions={make}>
          {t("empty_text")}
        </EmptyState>
      )}
      {data && data.items.length > 0 && <Library collections={data.items} />}
      <CollectionDialog isOpen={isMaking} onClose={() => setIsMaking(false)} />
    </Page>
  );
}

function Library({ collections }: { collections: Collection[] }) {
  const { t } = useTranslation("memory");
  const { collection, document, view, show } = useShown();
  const chosen = collections.find((one) => one.name === collection) ?? collections[0];
  if (!chosen) return null;
  return (
    <div className={styles.library}>
      <CollectionList collections={collections} chosen={chosen.name} />
      <section className={styles.main} aria-label={chosen.name}>
        <CollectionHead collection={chosen} />
        <SegmentedControl
          className={styles.views ?? ""}
          aria-label={t("view")}
          value={view}
          onChange={(next) => show({ view: next })}
          data={VIEWS.map((value) => ({ value, label: t(`views.${value}`) }))}
        />
        {view === "search" ? (
          <SearchBench key={chosen.name} collection={chosen.name} />
        ) : (
          <>
            <UploadZone collection={chosen.name} />
            <DocumentTable key={chosen.name} collection={chosen.name} />
          </>
        )}
      </section>
      <DocumentDrawer id={document} onClose={() => show({ document: null })} />
    </div>
  );
}
