import { useTranslation } from "react-i18next";
import { lostSince } from "@/realtime/socket";
import { useConnection } from "@/realtime/use-run-feed";
import { useNow } from "@/shared/hooks/use-now";
import styles from "./run.module.css";

/** Whether what one sees is what happens. */
export function ConnectionBadge() {
  const { t } = useTranslation("runs");
  const state = useConnection();
  const now = useNow(state === "connecting");
  const seconds = lostSince() > 0 ? Math.max(0, Math.round((now - lostSince()) / 1_000)) : 0;
  return (
    <span className={styles.connection} data-state={state} role="status">
      {t(`connection.${state}`, { seconds })}
    </span>
  );
}
