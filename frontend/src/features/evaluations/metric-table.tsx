import { IconArrowDownRight, IconArrowUpRight, IconQuestionMark } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Interval, MetricLine } from "@/api/generated";
import styles from "./evaluations.module.css";
import { change, figure } from "./figures";
import { IntervalBar } from "./interval-bar";
import type { useVersionName } from "./use-version-name";

type Names = ReturnType<typeof useVersionName>;

/** Means with their 95 % intervals; with a second version, the difference and whether it may be chance. */
export function MetricTable({ metrics, names }: { metrics: MetricLine[]; names: Names }) {
  const { t } = useTranslation("evaluations");
  const isCompared = metrics.some((line) => line.before !== null);
  const columns = isCompared
    ? [t("columns.metric"), names.now, names.before, t("columns.change")]
    : [t("columns.metric"), names.now];
  return (
    <section className={styles.section} aria-label={t("figures")}>
      <h2 className={styles.title}>{t("figures")}</h2>
      <p className={styles.quiet}>{t(isCompared ? "figures_compared" : "figures_text")}</p>
      <div
        className={styles.metrics}
        role="table"
        aria-label={t("figures")}
        data-compared={isCompared || undefined}
      >
        <div className={styles.metricHead} role="row">
          {columns.map((column) => (
            <span key={column} role="columnheader">
              {column}
            </span>
          ))}
        </div>
        {metrics.map((line) => (
          <MetricRow key={line.metric} line={line} names={names} isCompared={isCompared} />
        ))}
      </div>
    </section>
  );
}

function MetricRow(props: { line: MetricLine; names: Names; isCompared: boolean }) {
  const { t } = useTranslation("evaluations");
  const { line, names, isCompared } = props;
  const { metric, now, before } = line;
  const most = Math.max(now.high, before?.high ?? 0);
  return (
    <div className={styles.metric} role="row">
      <span role="cell" className={styles.metricName}>
        {t(`metrics.${metric}`, metric)}
        <span className={styles.sub}>{t(`meanings.${metric}`, "")}</span>
      </span>
      <Mean metric={metric} interval={now} most={most} label={names.now} />
      {isCompared && <Mean metric={metric} interval={before} most={most} label={names.before} />}
      {isCompared && <Difference line={line} />}
    </div>
  );
}

function Mean(props: { metric: string; interval: Interval | null; most: number; label: string }) {
  const { t } = useTranslation("evaluations");
  const { metric, interval, most, label } = props;
  if (!interval)
    return (
      <span role="cell" data-label={label}>
        –
      </span>
    );
  const [low, high] = [figure(metric, interval.low), figure(metric, interval.high)];
  return (
    <span role="cell" data-label={label}>
      <strong>{figure(metric, interval.mean)}</strong>{" "}
      <span className={styles.sub}>{t("between", { low, high, count: interval.count })}</span>
      <IntervalBar metric={metric} interval={interval} most={most} />
    </span>
  );
}

function Difference({ line: { metric, change: interval, verdict } }: { line: MetricLine }) {
  const { t } = useTranslation("evaluations");
  if (!interval || !verdict)
    return (
      <span role="cell" data-label={t("columns.change")}>
        –
      </span>
    );
  const isUp = interval.mean > 0;
  const Icon =
    verdict === "unclear" ? IconQuestionMark : isUp ? IconArrowUpRight : IconArrowDownRight;
  const [low, high] = [change(metric, interval.low), change(metric, interval.high)];
  return (
    <span role="cell" data-label={t("columns.change")}>
      <span className={styles.verdict} data-verdict={verdict}>
        <Icon size={14} aria-hidden />
        {change(metric, interval.mean)} · {t(`verdicts.${verdict}`)}
      </span>{" "}
      <span className={styles.sub}>{t("between", { low, high, count: interval.count })}</span>
    </span>
  );
}
