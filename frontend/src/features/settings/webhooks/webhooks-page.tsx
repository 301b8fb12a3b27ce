import { Button } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Endpoint, useListWebhookEndpointsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { Page } from "@/shared/ui/page";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { useMay } from "../parts/use-may";
import { EndpointCard } from "./endpoint-card";
import { EndpointDialog } from "./endpoint-dialog";

/** Addresses of other systems that are told what happens here, by signed calls. */
export function WebhooksPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("webhook_endpoints:read");
  const may = useMay("webhook_endpoints:manage");
  const [edited, setEdited] = useState<Endpoint | "new">();
  const add = (
    <MayButton may={may} leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
      {t("webhooks.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.webhooks")} text={t("webhooks.text")} actions={maySee && add}>
      {maySee ? <Endpoints may={may} onEdit={setEdited} /> : <NotAllowed />}
      <EndpointDialog edited={edited} onClose={() => setEdited(undefined)} />
    </Page>
  );
}

function Endpoints(props: { may: boolean; onEdit: (endpoint: Endpoint | "new") => void }) {
  const { t } = useTranslation("settings");
  const { may, onEdit } = props;
  const query = useListWebhookEndpointsQuery(undefined, { refetchOnMountOrArgChange: true });
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState
            icon={IconWebhook}
            title={t("webhooks.empty")}
            actions={may && <Button onClick={() => onEdit("new")}>{t("webhooks.new")}</Button>}
          >
            {t("webhooks.empty_text")}
          </EmptyState>
        ) : (
          items.map((endpoint) => (
            <EndpointCard
              key={endpoint.id}
              endpoint={endpoint}
              may={may}
              onEdit={() => onEdit(endpoint)}
            />
          ))
        )
      }
    </Loaded>
  );
}
