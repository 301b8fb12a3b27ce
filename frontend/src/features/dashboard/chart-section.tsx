import { SegmentedControl, Skeleton } from "@mantine/core";
import { Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Overview } from "@/api/generated";
import { late } from "@/shared/lib/late";
import { type ChartData, chartsOf, METRICS, type Metric } from "./charts-data";
import styles from "./dashboard.module.css";
import { writeMetric } from "./write-metric";

// The library of charts is larger than the rest of the page: it comes after the figures.
const Chart = late(() => import("./charts"));

/** Runs, tokens or cost by time, workflow and model; each as a chart and as a table. */
export function ChartSection({ overview }: { overview: Overview }) {
  const { t } = useTranslation("dashboard");
  const [metric, setMetric] = useState<Metric>("runs");
  const charts = useMemo(() => chartsOf(overview, metric), [overview, metric]);
  return (
    <section className={styles.charts} aria-label={t("charts")}>
      <SegmentedControl
        className={styles.switch ?? ""}
        aria-label={t("metric")}
        value={metric}
        onChange={(next) => setMetric(METRICS.find((one) => one === next) ?? "runs")}
        data={METRICS.map((value) => ({ value, label: t(`metrics.${value}`) }))}
      />
      <div className={styles.chartGrid}>
        {charts.map((data) => (
          <Figure key={data.group} data={data} metric={metric} unit={overview.unit} />
        ))}
      </div>
    </section>
  );
}

function Figure(props: { data: ChartData; metric: Metric; unit: Overview["unit"] }) {
  const { data, metric, unit } = props;
  const { t } = useTranslation("dashboard");
  const title = t(data.group === "time" ? `groups.${unit}` : `groups.${data.group}`);
  return (
    <figure className={styles.chart} data-wide={data.group === "time" || undefined}>
      <figcaption>{title}</figcaption>
      {data.rows.length === 0 ? (
        <p className={styles.quiet}>{t("no_rows")}</p>
      ) : (
        <>
          <div className={styles.drawing}>
            <Suspense fallback={<Skeleton height="100%" />}>
              <Chart data={data} metric={metric} />
            </Suspense>
          </div>
          <details className={styles.details}>
            <summary>{t("as_table")}</summary>
            <Table data={data} metric={metric} title={title} />
          </details>
        </>
      )}
    </figure>
  );
}

function Table({ data, metric, title }: { data: ChartData; metric: Metric; title: string }) {
  const { t } = useTranslation("dashboard");
  return (
    <div className={styles.tableBox}>
      <table className={styles.table}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t(`columns.${data.group}`)}</th>
            {data.series.map((name) => (
              <th key={name} scope="col">
                {t(`series.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.to ? <Link to={row.to}>{row.label}</Link> : row.label}</th>
              {data.series.map((name) => (
                <td key={name}>{writeMetric(metric, row.values[name] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
