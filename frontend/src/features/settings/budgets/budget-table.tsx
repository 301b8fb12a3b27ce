import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { BudgetState } from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import { Moment } from "../parts/moment";
import styles from "../parts/parts.module.css";
import { useTargets } from "./use-targets";
import { Used } from "./used";

interface Row extends BudgetState {
  place: number;
  name: string;
}

interface Props {
  items: BudgetState[];
  mayChange: boolean;
  onEdit: (place: number) => void;
  onDelete: (place: number) => void;
}

export function BudgetTable({ items, mayChange, onEdit, onDelete }: Props) {
  const { t } = useTranslation("settings");
  const rows = useRows(items);
  const columns: Column<Row>[] = [
    {
      label: t("budgets.whose"),
      cell: ({ name, budget }) => (
        <>
          <span className={styles.name}>{name}</span>
          <span className={styles.sub}>
            {t(`budgets.periods.${budget.period}`)} ·{" "}
            {t(`budgets.reaches.${wayOf(budget.on_reach)}`)}
          </span>
        </>
      ),
    },
    { label: t("budgets.used"), cell: (row) => <Used state={row} name={row.name} /> },
    {
      label: t("budgets.resets"),
      width: "110px",
      cell: ({ resets_at }) => <Moment at={resets_at} />,
    },
    {
      label: t("columns.actions"),
      width: "190px",
      cell: ({ place, name }) => (
        <LineActions
          may={mayChange}
          actions={[
            {
              text: t("edit"),
              label: t("budgets.edit_of", { name }),
              onClick: () => onEdit(place),
            },
            {
              text: t("common:actions.delete"),
              label: t("budgets.delete_of", { name }),
              onClick: () => onDelete(place),
            },
          ]}
        />
      ),
    },
  ];
  return (
    <DataTable
      label={t("nav.budgets")}
      columns={columns}
      items={rows}
      keyOf={({ place }) => place}
    />
  );
}

/** What follows when it is used up, as the words call it. */
export function wayOf(reach: BudgetState["budget"]["on_reach"]): "ask" | "fail" | "cheaper" {
  return typeof reach === "object" ? "cheaper" : (reach ?? "ask");
}

function useRows(items: BudgetState[]): Row[] {
  const { t } = useTranslation("settings");
  const scopes = useMemo(() => new Set(items.map(({ budget }) => budget.scope)), [items]);
  const targets = useTargets(scopes);
  return items.map((state, place) => {
    const { scope, target } = state.budget;
    const known = targets[scope].find(({ value }) => value === target)?.label;
    const kind = t(`budgets.scopes.${scope}`);
    return { ...state, place, name: target ? `${kind}: ${known ?? target.slice(0, 8)}` : kind };
  });
}
