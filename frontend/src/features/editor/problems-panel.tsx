import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DocumentProblem } from "@/api/generated";
import styles from "./problems-panel.module.css";

/** Everything that is wrong, in the order of the text; a line leads to its place. */
export function ProblemsPanel(props: {
  problems: DocumentProblem[];
  onOpen: (problem: DocumentProblem) => void;
  /** Mends a problem; nothing where nobody knows how. */
  fixOf: (problem: DocumentProblem) => (() => void) | undefined;
}) {
  const { problems, onOpen, fixOf } = props;
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
        <ProblemLine
          key={`${problem.code} ${problem.path} ${problem.line}:${problem.column}`}
          problem={problem}
          onOpen={() => onOpen(problem)}
          onFix={fixOf(problem)}
        />
      ))}
    </ol>
  );
}

function ProblemLine(props: {
  problem: DocumentProblem;
  onOpen: () => void;
  onFix: (() => void) | undefined;
}) {
  const { problem, onOpen, onFix } = props;
  const { t } = useTranslation("editor");
  const Icon = problem.severity === "error" ? IconCircleX : IconAlertTriangle;
  return (
    <li className={styles.line}>
      <button type="button" className={styles.problem} onClick={onOpen}>
        <span data-severity={problem.severity} className={styles.icon}>
          <Icon size={16} />
        </span>
        <span className={styles.words}>
          {problem.message} {problem.hint && <span className={styles.hint}>{problem.hint}</span>}
        </span>
        <code className={styles.place}>{problem.path || t("line", { line: problem.line })}</code>
      </button>
      {onFix && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t("fix_this", { problem: problem.message })}
          onClick={onFix}
        >
          {t("fix")}
        </Button>
      )}
    </li>
  );
}
