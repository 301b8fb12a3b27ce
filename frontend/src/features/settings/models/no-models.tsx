import { Button } from "@mantine/core";
import { IconCpu } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/ui/empty-state";

export function NoModels({ may, onAdd }: { may: boolean; onAdd: () => void }) {
  const { t } = useTranslation("settings");
  return (
    <EmptyState
      icon={IconCpu}
      title={t("models.empty")}
      actions={may && <Button onClick={onAdd}>{t("models.new")}</Button>}
    >
      {t("models.empty_text")}
    </EmptyState>
  );
}
