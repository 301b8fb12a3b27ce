/** The pages of the settings as places to go. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { SETTINGS_PLACES } from "@/features/settings/frame/places";
import type { Command } from "@/shared/commands/command-store";

export function useSettingsPlaces(): Command[] {
  const { t } = useTranslation("settings");
  const navigate = useNavigate();
  return useMemo(
    () =>
      SETTINGS_PLACES.map(({ path }) => ({
        id: `settings ${path}`,
        label: t(`nav.${path}`),
        group: t("common:places.settings"),
        kind: "go" as const,
        words: t(`words.${path}`),
        run: () => void navigate(`/settings/${path}`),
      })),
    [navigate, t],
  );
}
