import { IconKey } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListApiKeysQuery, useRevokeApiKeyMutation } from "@/api/generated";
import { AccessList } from "../access/access-list";
import { AccessPage } from "../access/access-page";
import { usePager } from "../parts/pager";
import styles from "../parts/parts.module.css";
import { NewApiKeyDialog, RotateApiKeyDialog } from "./api-key-dialogs";

/** The workspace's keys for programs: made with scopes and an end, shown once, revoked at once. */
export function ApiKeysPage() {
  const { t } = useTranslation("settings");
  return (
    <AccessPage
      title={t("nav.api-keys")}
      words="api_keys"
      permission="api_keys:manage"
      list={(onNew) => <ApiKeys onNew={onNew} />}
      newDialog={(isOpen, onClose) => <NewApiKeyDialog isOpen={isOpen} onClose={onClose} />}
    />
  );
}

function ApiKeys({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const query = useListApiKeysQuery(
    { limit: 50, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  const [revoke] = useRevokeApiKeyMutation();
  return (
    <AccessList
      words="api_keys"
      icon={IconKey}
      pager={pager}
      query={query}
      rows={{
        label: t("nav.api-keys"),
        detail: ({ prefix }) => <span className={styles.code}>{prefix}…</span>,
      }}
      revoke={(keyId) => revoke({ keyId })}
      rotation={(asked, onClose) => <RotateApiKeyDialog asked={asked} onClose={onClose} />}
      onNew={onNew}
    />
  );
}
