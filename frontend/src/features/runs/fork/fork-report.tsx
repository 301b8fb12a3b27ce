import { Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ForkReport } from "@/api/generated";
import styles from "./fork.module.css";

const PARTS = [
  { part: "effects", icon: IconAlertTriangle },
  { part: "rerun", icon: IconPlayerPlay },
  { part: "reused", icon: IconCheck },
] as const;

/** What a fork would take over, carry out again, and do again to the world outside. */
export function ForkReportView({ report }: { report: ForkReport | undefined }) {
  const { t } = useTranslation("runs");
  if (!report) return <Skeleton height={160} radius="md" />;
  return (
    <section className={styles.report} aria-label={t("fork.report")} aria-live="polite">
      <p className={styles.saved}>{t("fork.saved", { count: report.tokens_saved })}</p>
      {PARTS.map(({ part, icon: Icon }) => (
        <div key={part} data-part={part}>
          <h3>
            <Icon size={15} aria-hidden />
            {t(`fork.${part}`, { count: report[part].length })}
          </h3>
          {report[part].length > 0 && <p>{report[part].join(", ")}</p>}
        </div>
      ))}
    </section>
  );
}
