import { Button } from "@mantine/core";
import { IconRobot } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/ui/empty-state";

/** The workspace has no agent of its own yet. */
export function NoAgents({ mayChange, onNew }: { mayChange: boolean; onNew: () => void }) {
  const { t } = useTranslation("settings");
  return (
    <EmptyState
      icon={IconRobot}
      title={t("agents.empty")}
      actions={mayChange && <Button onClick={onNew}>{t("agents.new")}</Button>}
    >
      {t("agents.empty_text")}
    </EmptyState>
  );
}
