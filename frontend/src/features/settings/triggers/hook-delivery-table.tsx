import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { HookDelivery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { ago, dateTime } from "@/shared/lib/format";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";

const TONES = { pending: "waiting", started: "good", dead: "bad" } as const;

interface Props {
  label: string;
  items: HookDelivery[];
  onReplay: (id: string) => void;
}

export function HookDeliveryTable({ label, items, onReplay }: Props) {
  const { t } = useTranslation("settings");
  const may = useMay("triggers:manage");
  const columns: Column<HookDelivery>[] = [
    {
      label: t("triggers.received"),
      width: "130px",
      cell: ({ received_at }) => <Moment at={received_at} />,
    },
    { label: t("triggers.outcome"), cell: (delivery) => <Outcome delivery={delivery} /> },
    {
      label: t("columns.actions"),
      width: "160px",
      cell: ({ id, received_at }) => (
        <LineActions
          may={may}
          actions={[
            {
              text: t("triggers.replay"),
              label: t("triggers.replay_of", { at: dateTime(received_at) }),
              onClick: () => onReplay(id),
            },
          ]}
        />
      ),
    },
  ];
  return <DataTable label={label} columns={columns} items={items} keyOf={({ id }) => id} />;
}

function Outcome({ delivery }: { delivery: HookDelivery }) {
  const { t } = useTranslation("settings");
  const { status, run_id, reason, attempts, next_attempt_at } = delivery;
  return (
    <>
      <span className={styles.tag} data-tone={TONES[status]}>
        {t(`triggers.statuses.${status}`)}
      </span>
      {run_id && <Link to={`/runs/${run_id}`}>{t("triggers.run")}</Link>}
      {attempts > 1 && (
        <span className={styles.sub}>{t("triggers.tries", { count: attempts })}</span>
      )}
      {status === "pending" && next_attempt_at && (
        <span className={styles.sub}>{t("triggers.again_at", { at: ago(next_attempt_at) })}</span>
      )}
      {reason && <span className={styles.sub}>{reason}</span>}
    </>
  );
}
