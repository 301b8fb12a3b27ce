import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MySession } from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";
import { deviceName } from "./device-name";

export function SessionTable(props: { items: MySession[]; onEnd: (id: string) => void }) {
  const { t } = useTranslation("settings");
  const nameOf = ({ device }: MySession) =>
    device ? deviceName(device) : t("profile.sessions.unknown");
  const columns: Column<MySession>[] = [
    {
      label: t("columns.device"),
      cell: (session) => (
        <>
          <span className={styles.name} title={session.device ?? undefined}>
            {nameOf(session)}
          </span>
          <span className={styles.muted}>
            {[session.address, session.workspace.name].filter(Boolean).join(" · ")}
          </span>
        </>
      ),
    },
    {
      label: t("columns.started"),
      width: "120px",
      cell: (session) => <Moment at={session.created_at} />,
    },
    {
      label: t("columns.last_used"),
      width: "120px",
      cell: (session) => <Moment at={session.last_used_at} />,
    },
    {
      label: t("columns.actions"),
      width: "130px",
      cell: (session) => (
        <div className={styles.actions}>
          {session.current ? (
            <span className={styles.tag} data-tone="good">
              {t("profile.sessions.current")}
            </span>
          ) : (
            <Button
              variant="default"
              size="xs"
              aria-label={t("profile.sessions.end_of", { device: nameOf(session) })}
              onClick={() => props.onEnd(session.id)}
            >
              {t("profile.sessions.end")}
            </Button>
          )}
        </div>
      ),
    },
  ];
  return (
    <DataTable
      label={t("profile.sessions.title")}
      columns={columns}
      items={props.items}
      keyOf={({ id }) => id}
    />
  );
}
