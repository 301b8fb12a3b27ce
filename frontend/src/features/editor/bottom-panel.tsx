import { UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconChevronUp, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { DocumentProblem } from "@/api/generated";
import styles from "./editor.module.css";
import { selectWorkflow } from "./editor-slice";
import { ProblemsPanel } from "./problems-panel";
import { type Judge, stepOfProblem } from "./use-problems";

/** What is said below the canvas; closed it is one line. */
export function BottomPanel(props: {
  problems: DocumentProblem[];
  judge: Judge;
  onSelect: (paths: string[]) => void;
}) {
  const { problems, judge, onSelect } = props;
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const [isOpen, setIsOpen] = useState(false);
  const open = (problem: DocumentProblem) => {
    const path = stepOfProblem(workflow, problem.path);
    if (path) onSelect([path]);
  };
  const Icon = problems.length > 0 ? IconAlertTriangle : IconCircleCheck;
  return (
    <section className={styles.bottom} aria-label={t("problems")} data-region="problems">
      <UnstyledButton
        className={styles.bottomHead ?? ""}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span className={styles.count} data-bad={problems.length > 0 || undefined}>
          <Icon size={15} />
          {problems.length > 0 ? t("problem_count", { count: problems.length }) : t("no_problems")}
        </span>
        {judge !== "server" && <span className={styles.checking}>{t(`judge.${judge}`)}</span>}
        <IconChevronUp size={15} data-open={isOpen || undefined} className={styles.chevron} />
      </UnstyledButton>
      {isOpen && (
        <div className={styles.bottomBody}>
          <ProblemsPanel problems={problems} onOpen={open} />
        </div>
      )}
    </section>
  );
}
