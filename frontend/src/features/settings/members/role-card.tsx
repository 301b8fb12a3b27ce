import { useTranslation } from "react-i18next";
import styles from "../parts/parts.module.css";
import { ROLES } from "./roles";

/** What each role may do. */
export function RoleCard() {
  const { t } = useTranslation("settings");
  return (
    <section className={styles.card} aria-label={t("members.what_roles")}>
      <h2 className={styles.cardTitle}>{t("members.what_roles")}</h2>
      <dl className={styles.facts}>
        {ROLES.map((role) => (
          <div key={role}>
            <dt>{t(`members.roles.${role}`)}</dt>
            <dd>{t(`members.role_texts.${role}`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
