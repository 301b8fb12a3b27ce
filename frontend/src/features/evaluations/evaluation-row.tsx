import { useTranslation } from "react-i18next";
import type { Evaluation } from "@/api/generated";
import { ago, dateTime } from "@/shared/lib/format";
import { LinkRow } from "@/shared/ui/link-row";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./evaluations.module.css";
import { figure, scoresOf } from "./figures";
import { useVersionName } from "./use-version-name";

/** One evaluation in the list: of what, how far it is, and what came of it. */
export function EvaluationRow({ evaluation }: { evaluation: Evaluation }) {
  const { t } = useTranslation("evaluations");
  const { versions } = useVersionName(evaluation);
  const { id, workflow, dataset_name, status, done, runs, created_at } = evaluation;
  const scores = scoresOf(evaluation.scores);
  return (
    <LinkRow to={`/evaluations/${id}`} name={workflow.name} sub={versions}>
      <span role="cell" className={styles.long}>
        {dataset_name}
      </span>
      <span role="cell">
        <StatusBadge status={status} />
        {status === "running" && (
          <span className={styles.progress}>{t("done_of", { done, count: runs })}</span>
        )}
      </span>
      <span role="cell" className={styles.scores} data-none={scores.length === 0 || undefined}>
        {scores.map(([metric, mean]) => (
          <span key={metric}>
            {t(`metrics.${metric}`)} <strong>{figure(metric, mean)}</strong>
          </span>
        ))}
        {scores.length === 0 && "–"}
      </span>
      <time role="cell" dateTime={created_at} title={dateTime(created_at)}>
        {ago(created_at)}
      </time>
    </LinkRow>
  );
}
