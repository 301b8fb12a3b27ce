import { useTranslation } from "react-i18next";
import { type McpServer, useCheckMcpServerMutation } from "@/api/generated";
import { LineActions } from "../parts/line-actions";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { AgreedTools } from "./agreed-tools";
import { CheckResult } from "./check-result";
import { secretOf } from "./server-fields";

interface Props {
  server: McpServer;
  may: boolean;
  onEdit: () => void;
  onDelete: () => void;
}

/** One server: where it is, what may be called there, and whether it is still as it was agreed to. */
export function ServerCard({ server, may, onEdit, onDelete }: Props) {
  const { t } = useTranslation("settings");
  const [check, { data, error, isLoading }] = useCheckMcpServerMutation();
  const { id, name, url, credential, tools } = server;
  return (
    <section className={styles.card} aria-label={name}>
      <div className={styles.cardHead}>
        <div>
          <h2 className={styles.cardTitle}>{name}</h2>
          <span className={styles.code}>{url}</span>
        </div>
        <LineActions
          may={may}
          actions={[
            {
              text: t("mcp.check"),
              label: t("mcp.check_of", { name }),
              onClick: () => void check({ serverId: id }),
              isBusy: isLoading,
            },
            { text: t("edit"), label: t("mcp.edit_of", { name }), onClick: onEdit },
            {
              text: t("common:actions.delete"),
              label: t("mcp.delete_of", { name }),
              onClick: onDelete,
            },
          ]}
        />
      </div>
      <div>
        <span className={styles.tag}>
          {credential
            ? t("mcp.with_secret", { secret: secretOf(credential) })
            : t("mcp.without_secret")}
        </span>
        <span className={styles.tag}>{t("mcp.limit", { count: server.calls_per_minute })}</span>
        <span className={styles.tag}>{t("mcp.patience", { count: server.timeout_s })}</span>
      </div>
      <AgreedTools server={name} tools={tools} />
      <ProblemAlert error={error} />
      {data && !isLoading && <CheckResult check={data} />}
    </section>
  );
}
