import { Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type HookDelivery,
  useListDeliveriesQuery,
  useReplayDeliveryMutation,
} from "@/api/generated";
import { Loaded } from "../parts/loaded";
import { Pager, usePager } from "../parts/pager";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { tellDone } from "../parts/tell";
import { HookDeliveryTable } from "./hook-delivery-table";

const STATUSES = ["pending", "started", "dead"] as const;
const EVERY_MS = 4_000;

/** What came to an address, the newest first, and what became of it. */
export function HookDeliveries({ webhookId, name }: { webhookId: string; name: string }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const [status, setStatus] = useState<HookDelivery["status"] | null>(null);
  const query = useListDeliveriesQuery(
    { webhookId, status, limit: 20, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true, pollingInterval: EVERY_MS, skipPollingIfUnfocused: true },
  );
  const [replay, { error }] = useReplayDeliveryMutation();
  const again = async (deliveryId: string) => {
    const done = await replay({ webhookId, deliveryId });
    if (done.data) tellDone(t("triggers.replayed"));
  };
  return (
    <>
      <Select
        aria-label={t("webhooks.filter")}
        placeholder={t("webhooks.every_status")}
        maw={220}
        clearable
        value={status}
        onChange={(next) => {
          setStatus(STATUSES.find((one) => one === next) ?? null);
          pager.restart();
        }}
        data={STATUSES.map((value) => ({ value, label: t(`triggers.statuses.${value}`) }))}
      />
      <ProblemAlert error={error} />
      <Loaded query={query}>
        {({ items, next_cursor }) =>
          items.length === 0 && pager.isFirst ? (
            <p className={styles.cardText}>
              {t(status ? "triggers.none_so" : "triggers.no_deliveries")}
            </p>
          ) : (
            <>
              <HookDeliveryTable
                label={t("triggers.deliveries", { name })}
                items={items}
                onReplay={(id) => void again(id)}
              />
              <Pager pager={pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
