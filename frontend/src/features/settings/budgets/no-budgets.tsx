import { Button } from "@mantine/core";
import { IconCoin } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/ui/empty-state";

/** Nothing limits what the workspace uses. */
export function NoBudgets({ mayChange, onNew }: { mayChange: boolean; onNew: () => void }) {
  const { t } = useTranslation("settings");
  return (
    <EmptyState
      icon={IconCoin}
      title={t("budgets.empty")}
      actions={mayChange && <Button onClick={onNew}>{t("budgets.new")}</Button>}
    >
      {t("budgets.empty_text")}
    </EmptyState>
  );
}
