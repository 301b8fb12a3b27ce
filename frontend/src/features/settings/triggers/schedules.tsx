import { IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListSchedulesQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "../parts/loaded";
import styles from "../parts/parts.module.css";
import { ScheduleTable } from "./schedule-table";

const EVERY_MS = 15_000;

/** Schedules with their next times; the list is read again, because times pass. */
export function Schedules({ workflowId }: { workflowId: string | undefined }) {
  const { t } = useTranslation("settings");
  const query = useListSchedulesQuery(workflowId ? { workflowId } : {}, {
    refetchOnMountOrArgChange: true,
    pollingInterval: EVERY_MS,
    skipPollingIfUnfocused: true,
  });
  return (
    <section aria-label={t("triggers.schedules")} className={styles.stack}>
      <h2 className={styles.cardTitle}>{t("triggers.schedules")}</h2>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={IconClock} title={t("triggers.no_schedules")}>
              {t("triggers.no_schedules_text")}
            </EmptyState>
          ) : (
            <ScheduleTable items={items} />
          )
        }
      </Loaded>
    </section>
  );
}
