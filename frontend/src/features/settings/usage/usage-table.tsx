import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { UsageReport, UsageRow } from "@/api/generated";
import { compactNumber, duration, money } from "@/shared/lib/format";
import { type Column, DataTable } from "../parts/data-table";
import styles from "../parts/parts.module.css";
import { GROUPS, type Group } from "./use-usage-query";

/** One line for each group, the most expensive first. */
export function UsageTable({ report }: { report: UsageReport }) {
  const { t } = useTranslation("settings");
  const groups = GROUPS.filter((one) => report.group_by.includes(one));
  const columns: Column<UsageRow>[] = [
    ...groups.map((group) => ({
      label: t(`usage.groups.${group}`),
      cell: (row: UsageRow) => <Cell row={row} group={group} />,
    })),
    { label: t("usage.calls"), width: "80px", cell: ({ calls }) => compactNumber(calls) },
    { label: t("budgets.tokens"), width: "90px", cell: ({ tokens }) => compactNumber(tokens) },
    { label: t("usage.cost"), width: "100px", cell: ({ usd }) => money(usd) },
    { label: t("usage.time"), width: "100px", cell: ({ seconds }) => duration(seconds * 1_000) },
  ];
  return (
    <DataTable
      label={t("nav.usage")}
      columns={columns}
      items={report.items}
      keyOf={(row) => groups.map((group) => textOf(row, group)).join(" ")}
    />
  );
}

function Cell({ row, group }: { row: UsageRow; group: Group }) {
  const { t } = useTranslation("settings");
  if (group === "workflow" && row.workflow)
    return <Link to={`/workflows/${row.workflow.id}`}>{row.workflow.name}</Link>;
  const text = textOf(row, group);
  if (text) return text;
  return (
    <span className={styles.muted}>{t(group === "model" ? "usage.tools" : "usage.none")}</span>
  );
}

function textOf(row: UsageRow, group: Group): string {
  if (group === "workflow") return row.workflow?.id ?? "";
  if (group === "user") return row.user ?? row.user_id ?? "";
  return row[group] ?? "";
}
