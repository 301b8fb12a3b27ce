import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useListModelsQuery, type WorkspaceBudget } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { wayOf } from "./budget-table";

const WAYS = ["ask", "fail", "cheaper"] as const;

/** What follows when a budget is used up. */
export function ReachFields(props: {
  budget: WorkspaceBudget;
  onChange: (part: Partial<WorkspaceBudget>) => void;
}) {
  const { t } = useTranslation("settings");
  const { budget, onChange } = props;
  const way = wayOf(budget.on_reach);
  const maySee = useMay("models:read");
  const { data } = useListModelsQuery(undefined, { skip: !maySee || way !== "cheaper" });
  const model = typeof budget.on_reach === "object" ? budget.on_reach.model : "";
  const choose = (next: string | null) => {
    if (next === "cheaper") onChange({ on_reach: { model } });
    else onChange({ on_reach: next === "fail" ? "fail" : "ask" });
  };
  return (
    <>
      <Select
        label={t("budgets.on_reach")}
        allowDeselect={false}
        value={way}
        onChange={choose}
        data={WAYS.map((value) => ({ value, label: t(`budgets.reaches.${value}`) }))}
      />
      {way === "cheaper" && (
        <Select
          label={t("budgets.model")}
          required
          searchable
          allowDeselect={false}
          value={model || null}
          onChange={(name) => onChange({ on_reach: { model: name ?? "" } })}
          data={(data?.items ?? []).map(({ name }) => name)}
        />
      )}
    </>
  );
}
