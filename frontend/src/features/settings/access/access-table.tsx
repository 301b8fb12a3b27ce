import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";
import { type Access, hasEnded } from "./access";

const MOST_SCOPES = 3;

/** What the pages of keys and clients show of each differently. */
export interface AccessRows<T extends Access> {
  label: string;
  /** By what else than its name one is known. */
  detail: (item: T) => ReactNode;
  /** Why it cannot be rotated now. */
  refusal?: (item: T) => string | undefined;
}

/** Keys or clients: what each may do, when it was used, when it ends, and what can be done about it. */
export function AccessTable<T extends Access>(
  props: AccessRows<T> & {
    items: T[];
    onRevoke: (item: T) => void;
    onRotate: (item: T) => void;
  },
) {
  const { t } = useTranslation("settings");
  const columns: Column<T>[] = [
    {
      label: t("columns.name"),
      cell: (item) => (
        <>
          <span className={styles.name}>{item.name}</span>
          {props.detail(item)}
        </>
      ),
    },
    { label: t("columns.scopes"), cell: ({ scopes }) => <Scopes scopes={scopes} /> },
    {
      label: t("columns.last_used"),
      width: "110px",
      cell: (item) => <Moment at={item.last_used_at} />,
    },
    { label: t("columns.ends"), width: "110px", cell: (item) => <End of={item} /> },
    {
      label: t("columns.actions"),
      width: "190px",
      cell: (item) => (
        <Actions
          name={item.name}
          refusal={props.refusal?.(item)}
          onRotate={() => props.onRotate(item)}
          onRevoke={() => props.onRevoke(item)}
        />
      ),
    },
  ];
  return (
    <DataTable label={props.label} columns={columns} items={props.items} keyOf={({ id }) => id} />
  );
}

function Actions(props: {
  name: string;
  refusal: string | undefined;
  onRotate: () => void;
  onRevoke: () => void;
}) {
  const { t } = useTranslation("settings");
  const { name, refusal } = props;
  return (
    <LineActions
      may
      actions={[
        {
          text: t("access.rotate"),
          label: t("access.rotate_of", { name }),
          onClick: props.onRotate,
          why: refusal,
        },
        {
          text: t("access.revoke"),
          label: t("access.revoke_of", { name }),
          onClick: props.onRevoke,
        },
      ]}
    />
  );
}

function Scopes({ scopes }: { scopes: string[] }) {
  const { t } = useTranslation("settings");
  if (scopes.includes("*")) return <span className={styles.muted}>{t("access.everything")}</span>;
  const more = scopes.length - MOST_SCOPES;
  return (
    <span title={scopes.join("\n")}>
      {scopes.slice(0, MOST_SCOPES).map((scope) => (
        <code key={scope} className={styles.tag}>
          {scope}
        </code>
      ))}
      {more > 0 && <span className={styles.muted}>{t("access.more", { count: more })}</span>}
    </span>
  );
}

function End({ of }: { of: Access }) {
  const { t } = useTranslation("settings");
  if (!hasEnded(of)) return <Moment at={of.expires_at} />;
  return (
    <span className={styles.tag} data-tone="bad">
      {t("access.ended")}
    </span>
  );
}
