import { IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/ui/empty-state";

/** A page that the person's role keeps closed: nothing was asked for, nothing failed. */
export function NotAllowed() {
  const { t } = useTranslation("settings");
  return (
    <EmptyState icon={IconLock} title={t("closed")}>
      {t("closed_text")}
    </EmptyState>
  );
}
