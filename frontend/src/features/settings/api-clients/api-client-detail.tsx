import { useTranslation } from "react-i18next";
import type { ApiClient } from "@/api/generated";
import { dateTime } from "@/shared/lib/format";
import styles from "../parts/parts.module.css";
import { hasTwoSecrets } from "./use-rotation-refusal";

/** By what a client is known, for whom it acts, and until when the secret before its present one works. */
export function ApiClientDetail({ client }: { client: ApiClient }) {
  const { t } = useTranslation("settings");
  const until = hasTwoSecrets(client) ? client.old_secret_until : null;
  return (
    <>
      <span className={styles.code}>{client.id}</span>
      <span className={styles.sub}>{t("api_clients.acts_for", { person: client.created_by })}</span>
      {until && (
        <span className={styles.sub}>{t("api_clients.old_until", { until: dateTime(until) })}</span>
      )}
    </>
  );
}
