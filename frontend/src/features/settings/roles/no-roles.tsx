import { Button } from "@mantine/core";
import { IconShieldPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/ui/empty-state";

/** The workspace has no role of its own yet. */
export function NoRoles({ mayChange, onNew }: { mayChange: boolean; onNew: () => void }) {
  const { t } = useTranslation("settings");
  return (
    <EmptyState
      icon={IconShieldPlus}
      title={t("roles.empty")}
      actions={mayChange && <Button onClick={onNew}>{t("roles.new")}</Button>}
    >
      {t("roles.empty_text")}
    </EmptyState>
  );
}
