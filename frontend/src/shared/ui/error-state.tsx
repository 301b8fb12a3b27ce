import { Button } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { isProblem, OFFLINE } from "@/shared/lib/problem";
import styles from "./states.module.css";

/** What failed, in the server's words, with a way to try again and the number to quote. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const problem = isProblem(error) ? error : undefined;
  const isOffline = problem?.type === OFFLINE;
  const Icon = isOffline ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <section className={styles.state} role="alert">
      <span className={`${styles.icon} ${styles.failed}`} aria-hidden>
        <Icon size={26} stroke={1.6} />
      </span>
      <h2 className={styles.title}>
        {isOffline ? t("states.offline") : (problem?.title ?? t("states.broken"))}
      </h2>
      <p className={styles.text}>{isOffline ? t("states.offline_text") : problem?.detail}</p>
      {onRetry && (
        <div className={styles.actions}>
          <Button variant="default" onClick={onRetry}>
            {t("states.retry")}
          </Button>
        </div>
      )}
      {problem?.trace_id && (
        <p className={styles.trace}>{t("states.trace", { id: problem.trace_id })}</p>
      )}
    </section>
  );
}
