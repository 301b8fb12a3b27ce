import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Scored } from "@/api/generated";
import { StatusBadge } from "@/shared/ui/status-badge";
import type { CaseRow } from "./case-rows";
import styles from "./evaluations.module.css";
import { figure, METRICS } from "./figures";
import type { useVersionName } from "./use-version-name";

type Names = ReturnType<typeof useVersionName>;

/** One case: its scores in each version, and what does not hold. */
export function CaseLine({ row, names }: { row: CaseRow; names: Names }) {
  const { t } = useTranslation("evaluations");
  const { name, now, before, isWorse } = row;
  return (
    <li className={styles.case} aria-label={name}>
      <div className={styles.caseHead}>
        <span className={styles.caseName}>{name}</span>
        {isWorse && <span className={styles.worse}>{t("worse")}</span>}
      </div>
      <OneRun scored={now} name={names.now} />
      {names.before && <OneRun scored={before} name={names.before} />}
    </li>
  );
}

function OneRun({ scored, name }: { scored: Scored | undefined; name: string }) {
  const { t } = useTranslation("evaluations");
  if (!scored) return <p className={styles.quiet}>{t("not_yet", { name })}</p>;
  const { figures, failed, run_id } = scored;
  const shown = METRICS.filter((metric) => metric in figures && metric !== "succeeded");
  return (
    <div className={styles.run}>
      <Link to={`/runs/${run_id}`}>{name}</Link>
      {"succeeded" in figures && (
        <StatusBadge status={figures.succeeded === 1 ? "succeeded" : "failed"} isSmall />
      )}
      {shown.map((metric) => (
        <span key={metric} className={styles.figure}>
          {t(`metrics.${metric}`)} <strong>{figure(metric, figures[metric] ?? 0)}</strong>
        </span>
      ))}
      {failed.length > 0 && (
        <ul className={styles.lines} aria-label={t("does_not_hold")}>
          {failed.map((line) => (
            <li key={line}>
              <code>{line}</code>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
