import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";
import { ACCENTS } from "@/shared/ui/theme/accents";
import { type ThemeName, TOKENS } from "@/shared/ui/theme/tokens";
import styles from "./appearance.module.css";

const NAMES = ["indigo", ...Object.keys(ACCENTS)];

/** The colour of what can be pressed: each shown as it looks in the theme of the moment. */
export function AccentChoice() {
  const { t } = useTranslation("settings");
  const { accent } = useSelector(selectPrefs);
  const dispatch = useAppDispatch();
  const theme = (document.documentElement.dataset.theme ?? "light") as ThemeName;
  return (
    <div className={styles.row}>
      <span id="pref-accent">{t("appearance.accent.title")}</span>
      <div className={styles.accents} role="radiogroup" aria-labelledby="pref-accent">
        {NAMES.map((name) => (
          <label key={name} className={styles.accent}>
            <input
              type="radio"
              name="accent"
              value={name}
              checked={name === accent}
              onChange={() => dispatch(prefsChanged({ accent: name }))}
            />
            <svg viewBox="0 0 16 16" width={14} height={14} aria-hidden>
              <circle
                cx={8}
                cy={8}
                r={8}
                fill={{ ...TOKENS[theme], ...ACCENTS[name]?.[theme] }.accent}
              />
            </svg>
            {t(`appearance.accent.${name}`)}
          </label>
        ))}
      </div>
    </div>
  );
}
