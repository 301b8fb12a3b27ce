import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { type Prefs, prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";
import { Page } from "@/shared/ui/page";
import { AccentChoice } from "./accent-choice";
import styles from "./appearance.module.css";

const CHOICES = {
  scheme: ["system", "light", "dark"],
  contrast: ["system", "normal", "more"],
  density: ["cosy", "compact"],
  motion: ["system", "full", "reduced"],
  language: ["system", "en", "de"],
} as const satisfies Partial<Record<keyof Prefs, readonly string[]>>;

/** How the application looks, moves and speaks. */
export function AppearancePage() {
  const { t } = useTranslation("settings");
  const prefs = useSelector(selectPrefs);
  const dispatch = useAppDispatch();
  return (
    <Page title={t("nav.appearance")} text={t("appearance.text")}>
      <section className={styles.card} aria-label={t("nav.appearance")}>
        <AccentChoice />
        {(Object.keys(CHOICES) as (keyof typeof CHOICES)[]).map((name) => (
          <div key={name} className={styles.row}>
            <span id={`pref-${name}`}>{t(`appearance.${name}.title`)}</span>
            <SegmentedControl
              aria-labelledby={`pref-${name}`}
              classNames={{ label: styles.choice }}
              value={prefs[name]}
              onChange={(value) => dispatch(prefsChanged({ [name]: value }))}
              data={CHOICES[name].map((value) => ({
                value,
                label: t(`appearance.${name}.${value}`),
              }))}
            />
          </div>
        ))}
      </section>
    </Page>
  );
}
