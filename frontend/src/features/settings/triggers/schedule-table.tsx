import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import {
  type Schedule,
  usePauseScheduleMutation,
  useResumeScheduleMutation,
} from "@/api/generated";
import { useMay } from "@/api/use-may";
import { dateTime } from "@/shared/lib/format";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { OfWorkflow } from "./of-workflow";

/** When workflows start by themselves, and whether they do at the moment. */
export function ScheduleTable({ items }: { items: Schedule[] }) {
  const { t } = useTranslation("settings");
  const may = useMay("triggers:manage");
  const [pause, pausing] = usePauseScheduleMutation();
  const [resume, resuming] = useResumeScheduleMutation();
  const columns: Column<Schedule>[] = [
    { label: t("triggers.workflow"), cell: (schedule) => <OfWorkflow {...schedule} /> },
    { label: t("triggers.rule"), cell: (schedule) => <Rule schedule={schedule} /> },
    {
      label: t("triggers.next"),
      width: "190px",
      cell: (schedule) => <NextTime schedule={schedule} />,
    },
    { label: t("triggers.last"), cell: (schedule) => <LastTime schedule={schedule} /> },
    {
      label: t("columns.actions"),
      width: "120px",
      cell: ({ id: scheduleId, trigger: name, paused }) => {
        const does = paused ? "resume" : "pause";
        const action = {
          text: t(`triggers.${does}`),
          label: t(`triggers.${does}_of`, { name }),
          onClick: () => void (paused ? resume : pause)({ scheduleId }),
        };
        return <LineActions may={may} actions={[action]} />;
      },
    },
  ];
  return (
    <>
      <ProblemAlert error={pausing.error ?? resuming.error} />
      <DataTable
        label={t("triggers.schedules")}
        columns={columns}
        items={items}
        keyOf={({ id }) => id}
      />
    </>
  );
}

function Rule({ schedule: { cron, zone, misfire } }: { schedule: Schedule }) {
  const { t } = useTranslation("settings");
  return (
    <>
      <code className={styles.tag}>{cron}</code> <span className={styles.muted}>{zone}</span>
      <span className={styles.sub}>{t(`triggers.misfire.${misfire}`)}</span>
    </>
  );
}

function NextTime({ schedule: { paused, next_at } }: { schedule: Schedule }) {
  const { t } = useTranslation("settings");
  if (paused) {
    return (
      <span className={styles.tag} data-tone="waiting">
        {t("triggers.paused")}
      </span>
    );
  }
  if (!next_at) return <span className={styles.muted}>{t("triggers.not_again")}</span>;
  return (
    <>
      <time dateTime={next_at}>{dateTime(next_at)}</time>
      <span className={styles.sub}>
        <Moment at={next_at} />
      </span>
    </>
  );
}

function LastTime({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation("settings");
  const { last_at, last_run_id, last_error } = schedule;
  return (
    <>
      <Moment at={last_at} />{" "}
      {last_run_id && <Link to={`/runs/${last_run_id}`}>{t("triggers.run")}</Link>}
      {last_error && (
        <span className={styles.sub}>{t("triggers.failed", { reason: last_error })}</span>
      )}
    </>
  );
}
