import { useTranslation } from "react-i18next";
import type { Secret } from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";

interface Props {
  items: Secret[];
  mayChange: boolean;
  onEdit: (secret: Secret) => void;
  onDelete: (secret: Secret) => void;
}

export function SecretTable({ items, mayChange, onEdit, onDelete }: Props) {
  const { t } = useTranslation("settings");
  const columns: Column<Secret>[] = [
    {
      label: t("columns.name"),
      cell: ({ name }) => (
        <>
          <span className={styles.name}>{name}</span>
          <code className={styles.code}>{`\${secrets.${name}}`}</code>
        </>
      ),
    },
    {
      label: t("columns.last_used"),
      width: "120px",
      cell: (secret) => <Moment at={secret.last_used_at} />,
    },
    {
      label: t("columns.changed"),
      width: "120px",
      cell: (secret) => <Moment at={secret.updated_at} />,
    },
    {
      label: t("columns.actions"),
      width: "190px",
      cell: (secret) => (
        <LineActions
          may={mayChange}
          actions={[
            {
              text: t("secrets.rotate"),
              label: t("secrets.rotate_of", { name: secret.name }),
              onClick: () => onEdit(secret),
            },
            {
              text: t("common:actions.delete"),
              label: t("secrets.delete_of", { name: secret.name }),
              onClick: () => onDelete(secret),
            },
          ]}
        />
      ),
    },
  ];
  return (
    <DataTable
      label={t("nav.secrets")}
      columns={columns}
      items={items}
      keyOf={({ name }) => name}
    />
  );
}
