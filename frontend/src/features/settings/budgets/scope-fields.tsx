import { Select } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { WorkspaceBudget } from "@/api/generated";
import { type BudgetScope, useTargets } from "./use-targets";

const SCOPES: BudgetScope[] = ["workspace", "workflow", "member", "api_key"];

/** Whose calls count. */
export function ScopeFields(props: {
  budget: WorkspaceBudget;
  onChange: (part: Partial<WorkspaceBudget>) => void;
}) {
  const { t } = useTranslation("settings");
  const { budget, onChange } = props;
  const { scope } = budget;
  const targets = useTargets(useMemo(() => new Set([scope]), [scope]));
  return (
    <>
      <Select
        label={t("budgets.whose")}
        data-autofocus
        allowDeselect={false}
        value={scope}
        onChange={(next) => {
          const found = SCOPES.find((one) => one === next);
          if (found && found !== scope) onChange({ scope: found, target: null });
        }}
        data={SCOPES.map((value) => ({ value, label: t(`budgets.scopes.${value}`) }))}
      />
      {scope !== "workspace" && (
        <Select
          label={t(`budgets.scopes.${scope}`)}
          required
          searchable
          allowDeselect={false}
          nothingFoundMessage={t("budgets.no_target")}
          value={budget.target ?? null}
          onChange={(target) => onChange({ target })}
          data={targets[scope]}
        />
      )}
    </>
  );
}
