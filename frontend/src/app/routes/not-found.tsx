import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "@/shared/ui/empty-state";

export function NotFound() {
  const { t } = useTranslation();
  const home = (
    <Button component={Link} to="/">
      {t("states.home")}
    </Button>
  );
  return (
    <EmptyState icon={IconMapOff} title={t("states.not_found")} actions={home}>
      {t("states.not_found_text")}
    </EmptyState>
  );
}
