import { useTranslation } from "react-i18next";
import type { AuditEntry } from "@/api/generated";
import { dateTime } from "@/shared/lib/format";
import { type Column, DataTable } from "../parts/data-table";
import styles from "../parts/parts.module.css";
import { actionKey } from "./audit-actions";

export function AuditTable({ items }: { items: AuditEntry[] }) {
  const { t } = useTranslation("settings");
  const columns: Column<AuditEntry>[] = [
    { label: t("audit.what"), cell: (entry) => <What entry={entry} /> },
    { label: t("audit.actor"), cell: ({ actor }) => <Actor actor={actor} /> },
    {
      label: t("audit.outcome"),
      width: "100px",
      cell: ({ outcome }) => (
        <span className={styles.tag} data-tone={outcome === "done" ? "good" : "bad"}>
          {t(`audit.outcomes.${outcome}`)}
        </span>
      ),
    },
    {
      label: t("audit.when"),
      width: "190px",
      cell: ({ at }) => (
        <time className={styles.muted} dateTime={at}>
          {dateTime(at)}
        </time>
      ),
    },
  ];
  return <DataTable label={t("nav.audit")} columns={columns} items={items} keyOf={({ n }) => n} />;
}

function Actor({ actor }: { actor: AuditEntry["actor"] }) {
  const { t } = useTranslation("settings");
  return (
    <>
      <span>{actor.email ?? actor.id ?? t("audit.nobody")}</span>
      <span className={styles.sub}>{t(`audit.kinds.${actor.kind}`)}</span>
    </>
  );
}

/** What was done to what; the rest, down to the chain's hash, opens below. */
function What({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("settings");
  const { action, target, n, details, hash, previous, trace_id } = entry;
  return (
    <>
      <details className={styles.more}>
        <summary>{t(actionKey(action), action)}</summary>
        <pre>{JSON.stringify({ n, target, details, trace_id, hash, previous }, null, 2)}</pre>
      </details>
      {target && <span className={styles.sub}>{target.name ?? target.id}</span>}
    </>
  );
}
