import { useTranslation } from "react-i18next";
import type { WorkspaceRole } from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import styles from "../parts/parts.module.css";
import { areasOf } from "./permissions";

interface Props {
  items: WorkspaceRole[];
  mayChange: boolean;
  onEdit: (role: WorkspaceRole) => void;
  onDelete: (role: WorkspaceRole) => void;
}

export function RoleTable({ items, mayChange, onEdit, onDelete }: Props) {
  const { t } = useTranslation("settings");
  const columns: Column<WorkspaceRole>[] = [
    {
      label: t("columns.role"),
      cell: (role) => (
        <>
          <span className={styles.name}>
            {role.built_in ? t(`members.roles.${role.name}`, role.name) : role.name}
          </span>
          <span className={styles.sub}>
            {role.built_in
              ? t(`members.role_texts.${role.name}`, role.description)
              : role.description}
          </span>
        </>
      ),
    },
    { label: t("columns.scopes"), cell: (role) => <Permissions role={role} /> },
    {
      label: t("roles.people"),
      width: "80px",
      cell: (role) => <span className={styles.muted}>{role.members}</span>,
    },
    {
      label: t("columns.actions"),
      width: "190px",
      cell: (role) =>
        role.built_in ? (
          <span className={styles.muted}>{t("roles.built_in")}</span>
        ) : (
          <LineActions
            may={mayChange}
            actions={[
              {
                text: t("edit"),
                label: t("roles.edit_of", { name: role.name }),
                onClick: () => onEdit(role),
              },
              {
                text: t("common:actions.delete"),
                label: t("roles.delete_of", { name: role.name }),
                onClick: () => onDelete(role),
              },
            ]}
          />
        ),
    },
  ];
  return (
    <DataTable label={t("nav.roles")} columns={columns} items={items} keyOf={({ id }) => id} />
  );
}

/** What a role may do, as a line that can be read: each area once. */
function Permissions({ role }: { role: WorkspaceRole }) {
  const { t } = useTranslation("settings");
  const areas = areasOf(role.permissions);
  const names = areas.map(({ area }) => t(`roles.areas.${area}`, area));
  return (
    <>
      <span className={styles.name}>{t("roles.count", { count: role.permissions.length })}</span>
      <span className={styles.sub}>{names.join(", ")}</span>
    </>
  );
}
