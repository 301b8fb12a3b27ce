import { Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./states.module.css";

/** A page that is on its way: nothing for a moment, then a sign of life. */
export function LoadingPage() {
  const { t } = useTranslation();
  return (
    <div className={styles.centre} role="status">
      <Loader size="sm" role="img" className={styles.late} aria-label={t("states.loading")} />
    </div>
  );
}
