import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "./announcer";
import styles from "./states.module.css";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

/** Says on every page that there is no network. */
export function OfflineBar() {
  const { t } = useTranslation();
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  const text = t("states.offline_bar");
  useEffect(() => {
    if (!isOnline) announce(text);
  }, [isOnline, text]);
  if (isOnline) return null;
  return (
    <p className={styles.bar}>
      <IconPlugConnectedX size={16} aria-hidden /> {text}
    </p>
  );
}
