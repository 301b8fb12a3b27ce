import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DocumentProblem } from "@/api/generated";
import styles from "./problems-panel.module.css";

/** Everything that is wrong, in the order of the text; a line leads to its place. */
export function ProblemsPanel({
  problems,
  onOpen,
}: {
  problems: DocumentProblem[];
  onOpen: (problem: DocumentProblem) => void;
}) {
  const { t } = useTranslation("editor");
  if (problems.length === 0) {
    return (
      <p className={styles.none}>
        <IconCircleCheck size={17} /> {t("no_problems")}
      </p>
    );
  }
  return (
    <ol className={styles.list} aria-label={t("problems")}>
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.path} ${problem.line}:${problem.column}`}>
          <button type="button" className={styles.problem} onClick={() => onOpen(problem)}>
            <span data-severity={problem.severity} className={styles.icon}>
              {problem.severity === "error" ? (
                <IconCircleX size={16} />
              ) : (
                <IconAlertTriangle size={16} />
              )}
            </span>
            <span className={styles.words}>
              {problem.message}{" "}
              {problem.hint && <span className={styles.hint}>{problem.hint}</span>}
            </span>
            <code className={styles.place}>
              {problem.path || t("line", { line: problem.line })}
            </code>
          </button>
        </li>
      ))}
    </ol>
  );
}
