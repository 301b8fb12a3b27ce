import { IconRobotFace } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListApiClientsQuery, useRevokeApiClientMutation } from "@/api/generated";
import { AccessList } from "../access/access-list";
import { AccessPage } from "../access/access-page";
import { usePager } from "../parts/pager";
import { ApiClientDetail } from "./api-client-detail";
import { NewApiClientDialog, RotateApiClientDialog } from "./api-client-dialogs";
import { useRotationRefusal } from "./use-rotation-refusal";

/** Programs that get tokens by a secret of their own (OAuth client credentials), and act for whoever made them. */
export function ApiClientsPage() {
  const { t } = useTranslation("settings");
  return (
    <AccessPage
      title={t("nav.api-clients")}
      words="api_clients"
      permission="api_clients:manage"
      list={(onNew) => <ApiClients onNew={onNew} />}
      newDialog={(isOpen, onClose) => <NewApiClientDialog isOpen={isOpen} onClose={onClose} />}
    />
  );
}

function ApiClients({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const query = useListApiClientsQuery(
    { limit: 50, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  const [revoke] = useRevokeApiClientMutation();
  const refusal = useRotationRefusal();
  return (
    <AccessList
      words="api_clients"
      icon={IconRobotFace}
      pager={pager}
      query={query}
      rows={{
        label: t("nav.api-clients"),
        detail: (client) => <ApiClientDetail client={client} />,
        refusal,
      }}
      revoke={(clientId) => revoke({ clientId })}
      rotation={(asked, onClose) => <RotateApiClientDialog asked={asked} onClose={onClose} />}
      onNew={onNew}
    />
  );
}
