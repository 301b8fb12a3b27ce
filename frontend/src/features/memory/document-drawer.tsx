import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  type DocumentPassage,
  useGetDocumentQuery,
  useListDocumentPassagesQuery,
} from "@/api/generated";
import { ErrorState } from "@/shared/ui/error-state";
import { DocumentState } from "./document-state";
import styles from "./memory.module.css";
import { Side } from "./side";

const MOST = 200;

/** A document as it is searched: its passages with headings and pages. */
export function DocumentDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { t } = useTranslation("memory");
  return (
    <Side title={t("passages_of")} onClose={onClose}>
      {id && <Passages documentId={id} />}
    </Side>
  );
}

function Passages({ documentId }: { documentId: string }) {
  const { t } = useTranslation("memory");
  const document = useGetDocumentQuery({ documentId });
  const passages = useListDocumentPassagesQuery({ documentId, limit: MOST });
  if (document.isLoading || passages.isLoading) return <Skeleton height={240} />;
  if (!document.data || !passages.data) {
    const retry = () => {
      void document.refetch();
      void passages.refetch();
    };
    return <ErrorState error={document.error ?? passages.error} onRetry={retry} />;
  }
  return (
    <div className={styles.passages}>
      <h3 className={styles.title}>{document.data.name}</h3>
      <DocumentState document={document.data} />
      <ol>
        {passages.data.items.map((one) => (
          <Passage key={one.position} passage={one} />
        ))}
      </ol>
      {passages.data.next_cursor && (
        <p className={styles.quiet}>{t("first_only", { count: MOST })}</p>
      )}
    </div>
  );
}

function Passage({ passage }: { passage: DocumentPassage }) {
  const { t } = useTranslation("memory");
  const { headings, page_from: page, text, start, end } = passage;
  return (
    <li>
      <p className={styles.facts}>
        {headings.length > 0 && <span>{headings.join(" › ")}</span>}
        {page !== null && <span>{t("page", { page })}</span>}
        <span>{t("span", { start, end })}</span>
      </p>
      <p className={styles.passage}>{text}</p>
    </li>
  );
}
