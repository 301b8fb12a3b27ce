import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { ChartData, ChartRow, Metric, SeriesName } from "./charts-data";
import styles from "./dashboard.module.css";
import { writeMetric } from "./write-metric";

const COLOURS: Record<SeriesName, string> = {
  succeeded: "var(--status-succeeded)",
  failed: "var(--status-failed)",
  cancelled: "var(--status-skipped)",
  unfailed: "var(--accent)",
  calls: "var(--accent)",
  tokens: "var(--accent)",
  usd: "var(--accent)",
};
const TICK = { fill: "var(--text-muted)", fontSize: 12 };
const LONGEST_LABEL = 16;
const MOST_BARS = 8;
const TOOLTIP = {
  contentStyle: {
    background: "var(--raised)",
    border: "1px solid var(--border)",
    borderRadius: 8,
    color: "var(--text)",
  },
  cursor: { fill: "var(--hover)" },
};

/** Bars that open the runs they stand for: upright over time, lying for names. The table beside it holds all rows. */
export default function Chart({ data, metric }: { data: ChartData; metric: Metric }) {
  const { t } = useTranslation("dashboard");
  const navigate = useNavigate();
  const isLying = data.group !== "time";
  const rows = isLying ? data.rows.slice(0, MOST_BARS) : data.rows;
  const write = (value: unknown) => writeMetric(metric, Number(value));
  const open = (row: ChartRow | undefined) => {
    if (row?.to) void navigate(row.to);
  };
  const names = {
    type: "category",
    dataKey: "label",
    tick: TICK,
    stroke: "var(--border)",
  } as const;
  const numbers = {
    type: "number",
    tick: TICK,
    tickFormatter: write,
    stroke: "var(--border)",
  } as const;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={rows} layout={isLying ? "vertical" : "horizontal"} accessibilityLayer>
        <CartesianGrid stroke="var(--border)" vertical={isLying} horizontal={!isLying} />
        {isLying ? <XAxis {...numbers} /> : <XAxis {...names} minTickGap={16} />}
        {isLying ? (
          <YAxis {...names} width={124} tickFormatter={shortened} interval={0} />
        ) : (
          <YAxis {...numbers} width={56} allowDecimals={metric === "usd"} />
        )}
        <Tooltip {...TOOLTIP} formatter={write} />
        {data.series.map((name) => (
          <Bar
            key={name}
            className={data.group === "model" ? "" : styles.bar}
            dataKey={(row: ChartRow) => row.values[name] ?? 0}
            name={t(`series.${name}`)}
            stackId="all"
            fill={COLOURS[name]}
            maxBarSize={28}
            isAnimationActive={false}
            onClick={(_bar, position) => open(rows[position])}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

function shortened(label: string): string {
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
}
