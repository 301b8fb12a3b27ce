import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { WorkflowRef } from "@/api/generated";
import styles from "../parts/parts.module.css";

/** Which workflow a trigger belongs to, and what it is called in there. */
export function OfWorkflow(props: { workflow: WorkflowRef; trigger: string; version: number }) {
  const { t } = useTranslation("settings");
  const { workflow, trigger, version } = props;
  return (
    <>
      <Link to={`/workflows/${workflow.id}`} className={styles.name}>
        {workflow.name}
      </Link>
      <span className={styles.sub}>{t("triggers.stands_in", { trigger, version })}</span>
    </>
  );
}
