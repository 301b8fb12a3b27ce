import { ActionIcon, Button, Skeleton } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type DatasetInfo, useListDatasetsQuery } from "@/api/generated";
import { ago } from "@/shared/lib/format";
import { ErrorState } from "@/shared/ui/error-state";
import { DatasetDialog } from "./dataset-dialog";
import { DeleteDataset } from "./delete-dataset";
import styles from "./evaluations.module.css";
import { useMay } from "./use-may";

const MOST = 200;

/** The datasets that workflows can be evaluated over. */
export function DatasetList() {
  const { t } = useTranslation("evaluations");
  const may = useMay();
  const query = useListDatasetsQuery({ limit: MOST }, { refetchOnMountOrArgChange: true });
  const [edited, setEdited] = useState<DatasetInfo | "new">();
  const [asked, setAsked] = useState<DatasetInfo>();
  return (
    <section className={styles.section} aria-label={t("datasets")}>
      <div className={styles.sectionHead}>
        <h2 className={styles.title}>{t("datasets")}</h2>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          disabled={!may.write}
          title={may.write ? undefined : t("not_allowed")}
          onClick={() => setEdited("new")}
        >
          {t("new_dataset")}
        </Button>
      </div>
      {query.isLoading && <Skeleton height={56} radius="md" aria-hidden />}
      {!query.isLoading && !query.data && (
        <ErrorState error={query.error} onRetry={query.refetch} />
      )}
      {query.data?.items.length === 0 && <p className={styles.quiet}>{t("no_dataset")}</p>}
      {query.data && query.data.items.length > 0 && (
        <ul className={styles.datasets} aria-label={t("datasets")}>
          {query.data.items.map((one) => (
            <DatasetLine key={one.id} dataset={one} onEdit={setEdited} onDelete={setAsked} />
          ))}
        </ul>
      )}
      <DatasetDialog edited={edited} onClose={() => setEdited(undefined)} />
      <DeleteDataset asked={asked} onClose={() => setAsked(undefined)} />
    </section>
  );
}

function DatasetLine(props: {
  dataset: DatasetInfo;
  onEdit: (dataset: DatasetInfo) => void;
  onDelete: (dataset: DatasetInfo) => void;
}) {
  const { t } = useTranslation("evaluations");
  const may = useMay();
  const { dataset, onEdit, onDelete } = props;
  const { name, cases, updated_at } = dataset;
  return (
    <li className={styles.dataset}>
      <span className={styles.name}>
        <strong>{name}</strong>
        <span className={styles.sub}>
          {t("cases_count", { count: cases })} · {ago(updated_at)}
        </span>
      </span>
      <ActionIcon
        size="lg"
        disabled={!may.write}
        aria-label={t("edit_dataset", { name })}
        onClick={() => onEdit(dataset)}
      >
        <IconPencil size={16} />
      </ActionIcon>
      <ActionIcon
        size="lg"
        disabled={!may.write}
        aria-label={t("delete_dataset", { name })}
        onClick={() => onDelete(dataset)}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </li>
  );
}
