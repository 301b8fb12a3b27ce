import { useTranslation } from "react-i18next";
import {
  type HookDelivery,
  useListDeliveriesQuery,
  useReplayDeliveryMutation,
} from "@/api/generated";
import { AS_THEY_HAPPEN, DeliveryPages, useDeliveryPages } from "../parts/delivery-pages";
import { tellDone } from "../parts/tell";
import { HookDeliveryTable } from "./hook-delivery-table";

const STATUSES = ["pending", "started", "dead"] as const;

/** What came to an address, the newest first, and what became of it. */
export function HookDeliveries({ webhookId, name }: { webhookId: string; name: string }) {
  const { t } = useTranslation("settings");
  const pages = useDeliveryPages<HookDelivery["status"]>();
  const query = useListDeliveriesQuery({ webhookId, ...pages.asked }, AS_THEY_HAPPEN);
  const [replay, { error }] = useReplayDeliveryMutation();
  const again = async (deliveryId: string) => {
    const done = await replay({ webhookId, deliveryId });
    if (done.data) tellDone(t("triggers.replayed"));
  };
  return (
    <DeliveryPages
      pages={pages}
      statuses={STATUSES}
      labelOf={(status) => t(`triggers.statuses.${status}`)}
      query={query}
      error={error}
      empty={t(pages.status ? "triggers.none_so" : "triggers.no_deliveries")}
    >
      {(items) => (
        <HookDeliveryTable
          label={t("triggers.deliveries", { name })}
          items={items}
          onReplay={(id) => void again(id)}
        />
      )}
    </DeliveryPages>
  );
}
