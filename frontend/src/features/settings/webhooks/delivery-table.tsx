import { useTranslation } from "react-i18next";
import type { EndpointDelivery } from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { MayButton } from "../parts/may-button";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";

const TONES = { pending: "waiting", delivered: "good", dead: "bad" } as const;

interface Props {
  items: EndpointDelivery[];
  may: boolean;
  onReplay: (id: string) => void;
}

export function DeliveryTable({ items, may, onReplay }: Props) {
  const { t } = useTranslation("settings");
  const columns: Column<EndpointDelivery>[] = [
    { label: t("notifications.event"), cell: (delivery) => <What delivery={delivery} /> },
    {
      label: t("webhooks.status"),
      width: "170px",
      cell: (delivery) => <Result delivery={delivery} />,
    },
    {
      label: t("webhooks.sent"),
      width: "100px",
      cell: ({ created_at }) => <Moment at={created_at} />,
    },
    {
      label: t("columns.actions"),
      width: "150px",
      cell: ({ id, event }) => (
        <div className={styles.actions}>
          <MayButton
            may={may}
            variant="default"
            size="xs"
            aria-label={t("webhooks.replay_of", { event })}
            onClick={() => onReplay(id)}
          >
            {t("webhooks.replay")}
          </MayButton>
        </div>
      ),
    },
  ];
  return (
    <DataTable
      label={t("webhooks.deliveries")}
      columns={columns}
      items={items}
      keyOf={({ id }) => id}
    />
  );
}

function What({ delivery }: { delivery: EndpointDelivery }) {
  const { t } = useTranslation("settings");
  return (
    <details className={styles.more}>
      <summary>{t(`events.${delivery.event}`, delivery.event)}</summary>
      <pre>{JSON.stringify(delivery.payload, null, 2)}</pre>
    </details>
  );
}

function Result({ delivery }: { delivery: EndpointDelivery }) {
  const { t } = useTranslation("settings");
  const { status, answer, attempts, error } = delivery;
  return (
    <>
      <span className={styles.tag} data-tone={TONES[status]}>
        {t(`webhooks.statuses.${status}`)}
      </span>
      {answer !== null && <span className={styles.code}>HTTP {answer}</span>}
      <span className={styles.sub}>{t("webhooks.attempts", { count: attempts })}</span>
      {error && <span className={styles.sub}>{error}</span>}
    </>
  );
}
