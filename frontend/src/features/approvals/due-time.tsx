import { IconAlarm } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ago, dateTime } from "@/shared/lib/format";
import styles from "./approvals.module.css";

const SOON_MS = 3_600_000;

/** Until when somebody has to decide; the last hour is urgent. */
export function DueTime({ at }: { at: string }) {
  const { t } = useTranslation("approvals");
  const isSoon = new Date(at).getTime() - Date.now() < SOON_MS;
  return (
    <time className={styles.due} dateTime={at} title={dateTime(at)} data-soon={isSoon || undefined}>
      {isSoon && <IconAlarm size={14} aria-hidden />}
      {t("due", { when: ago(at) })}
    </time>
  );
}
