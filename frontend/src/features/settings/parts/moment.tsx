import { useTranslation } from "react-i18next";
import { ago, dateTime } from "@/shared/lib/format";
import styles from "./parts.module.css";

/** When something was or will be, in words, and exactly where the pointer rests. */
export function Moment({ at, never }: { at: string | null; never?: string }) {
  const { t } = useTranslation();
  if (!at) return <span className={styles.muted}>{never ?? t("time.never")}</span>;
  return (
    <time className={styles.muted} dateTime={at} title={dateTime(at)}>
      {ago(at)}
    </time>
  );
}
