import { IconWebhook } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Endpoint, useListWebhookEndpointsQuery } from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { EndpointCard } from "./endpoint-card";
import { EndpointDialog } from "./endpoint-dialog";

/** Addresses of other systems that are told what happens here, by signed calls. */
export function WebhooksPage() {
  const { t } = useTranslation("settings");
  const [edited, setEdited] = useState<Endpoint | "new">();
  return (
    <ListPage
      title={t("nav.webhooks")}
      words="webhooks"
      see="webhook_endpoints:read"
      change="webhook_endpoints:manage"
      onNew={() => setEdited("new")}
    >
      {(may) => (
        <>
          <Endpoints may={may} onEdit={setEdited} />
          <EndpointDialog edited={edited} onClose={() => setEdited(undefined)} />
        </>
      )}
    </ListPage>
  );
}

function Endpoints(props: { may: boolean; onEdit: (endpoint: Endpoint | "new") => void }) {
  const { may, onEdit } = props;
  const query = useListWebhookEndpointsQuery(undefined, { refetchOnMountOrArgChange: true });
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <NothingYet words="webhooks" icon={IconWebhook} may={may} onNew={() => onEdit("new")} />
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
