import { Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type EndpointDelivery,
  useListEndpointDeliveriesQuery,
  useReplayEndpointDeliveryMutation,
} from "@/api/generated";
import { Loaded } from "../parts/loaded";
import { Pager, usePager } from "../parts/pager";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { DeliveryTable } from "./delivery-table";

const STATUSES = ["pending", "delivered", "dead"] as const;
const EVERY_MS = 4_000;

/** What was sent to an address, the newest first, with a way to send it again. */
export function Deliveries({ endpointId, may }: { endpointId: string; may: boolean }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const [status, setStatus] = useState<EndpointDelivery["status"] | null>(null);
  const query = useListEndpointDeliveriesQuery(
    { endpointId, status, limit: 20, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true, pollingInterval: EVERY_MS, skipPollingIfUnfocused: true },
  );
  const [replay, { error }] = useReplayEndpointDeliveryMutation();
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
        data={STATUSES.map((value) => ({ value, label: t(`webhooks.statuses.${value}`) }))}
      />
      <ProblemAlert error={error} />
      <Loaded query={query}>
        {({ items, next_cursor }) =>
          items.length === 0 && pager.isFirst ? (
            <p className={styles.cardText}>{t("webhooks.no_deliveries")}</p>
          ) : (
            <>
              <DeliveryTable
                items={items}
                may={may}
                onReplay={(deliveryId) => void replay({ endpointId, deliveryId })}
              />
              <Pager pager={pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
