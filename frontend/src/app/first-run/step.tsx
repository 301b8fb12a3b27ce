import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import styles from "./first-run.module.css";

/** One of the steps to begin with. */
export function Step(props: { step: number; title: string; text: ReactNode; children: ReactNode }) {
  const { t } = useTranslation("dashboard");
  return (
    <li className={styles.step}>
      <span className={styles.number}>{t("begin.step", { step: props.step })}</span>
      <h3 className={styles.name}>{props.title}</h3>
      <p className={styles.text}>{props.text}</p>
      <div className={styles.actions}>{props.children}</div>
    </li>
  );
}
