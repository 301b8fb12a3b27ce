import { useTranslation } from "react-i18next";
import {
  type EndpointDelivery,
  useListEndpointDeliveriesQuery,
  useReplayEndpointDeliveryMutation,
} from "@/api/generated";
import { AS_THEY_HAPPEN, DeliveryPages, useDeliveryPages } from "../parts/delivery-pages";
import { DeliveryTable } from "./delivery-table";

const STATUSES = ["pending", "delivered", "dead"] as const;

/** What was sent to an address, the newest first, with a way to send it again. */
export function Deliveries({ endpointId, may }: { endpointId: string; may: boolean }) {
  const { t } = useTranslation("settings");
  const pages = useDeliveryPages<EndpointDelivery["status"]>();
  const query = useListEndpointDeliveriesQuery({ endpointId, ...pages.asked }, AS_THEY_HAPPEN);
  const [replay, { error }] = useReplayEndpointDeliveryMutation();
  return (
    <DeliveryPages
      pages={pages}
      statuses={STATUSES}
      labelOf={(status) => t(`webhooks.statuses.${status}`)}
      query={query}
      error={error}
      empty={t("webhooks.no_deliveries")}
    >
      {(items) => (
        <DeliveryTable
          items={items}
          may={may}
          onReplay={(deliveryId) => void replay({ endpointId, deliveryId })}
        />
      )}
    </DeliveryPages>
  );
}
