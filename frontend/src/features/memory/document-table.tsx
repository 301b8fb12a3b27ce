import { Skeleton } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type MemoryDocument, useListDocumentsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { DocumentRow } from "./document-row";
import { isOnItsWay } from "./document-state";
import styles from "./memory.module.css";
import { PageButtons } from "./page-buttons";

const EVERY_MS = 1_500;
const PAGE = 50;

/** The documents of a collection, newest first; while one is on its way, the list is read again and again. */
export function DocumentTable({ collection }: { collection: string }) {
  const { t } = useTranslation("memory");
  const [cursors, setCursors] = useState<string[]>([]);
  const [isBusy, setIsBusy] = useState(false);
  const cursor = cursors.at(-1);
  const { data, error, isLoading, refetch } = useListDocumentsQuery(
    { collection, limit: PAGE, ...(cursor ? { cursor } : {}) },
    { pollingInterval: isBusy ? EVERY_MS : 0, refetchOnMountOrArgChange: true },
  );
  const busy = data?.items.some(isOnItsWay) ?? false;
  if (busy !== isBusy) setIsBusy(busy);
  if (isLoading) return <Skeleton height={220} radius="md" />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  if (data.items.length === 0 && cursors.length === 0) {
    return (
      <EmptyState icon={IconFileText} title={t("no_documents")}>
        {t("no_documents_text")}
      </EmptyState>
    );
  }
  return (
    <>
      <Table items={data.items} />
      <PageButtons cursors={cursors} next={data.next_cursor} onGo={setCursors} />
    </>
  );
}

function Table({ items }: { items: MemoryDocument[] }) {
  const { t } = useTranslation("memory");
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("columns.name")}</th>
            <th scope="col">{t("columns.state")}</th>
            <th scope="col">{t("columns.size")}</th>
            <th scope="col">{t("columns.added")}</th>
            <th scope="col">
              <span className={styles.hidden}>{t("columns.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((document) => (
            <DocumentRow key={document.id} document={document} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
