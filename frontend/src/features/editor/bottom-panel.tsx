import { UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconChevronUp,
  IconCircleCheck,
  IconHistory,
} from "@tabler/icons-react";
import { type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { DocumentProblem } from "@/api/generated";
import { quickFix } from "@/domain/validation/quick-fix";
import { late } from "@/shared/lib/late";
import styles from "./editor.module.css";
import { selectWorkflow } from "./editor-slice";
import { ProblemsPanel } from "./problems-panel";
import type { Edits } from "./use-edits";
import { type Judge, stepOfProblem } from "./use-problems";

const HistoryPanel = late(() => import("./history-panel"));

/** What is said below the canvas: what is wrong, and what was changed; closed it is one line. */
export function BottomPanel(props: {
  problems: DocumentProblem[];
  judge: Judge;
  edits: Edits;
  onSelect: (paths: string[]) => void;
}) {
  const { problems, judge, edits, onSelect } = props;
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const [shown, setShown] = useState<"problems" | "history">();
  const open = (problem: DocumentProblem) => {
    const path = stepOfProblem(workflow, problem.path);
    if (path) onSelect([path]);
  };
  const fixOf = (problem: DocumentProblem) => {
    const operations = quickFix(workflow, problem);
    return operations && (() => edits.edit(operations, t("undo.fix")));
  };
  const tab = (name: "problems" | "history", face: ReactNode) => (
    <UnstyledButton
      className={styles.bottomTab ?? ""}
      aria-expanded={shown === name}
      onClick={() => setShown(shown === name ? undefined : name)}
    >
      {face}
      <IconChevronUp size={15} data-open={shown === name || undefined} className={styles.chevron} />
    </UnstyledButton>
  );
  const Icon = problems.length > 0 ? IconAlertTriangle : IconCircleCheck;
  return (
    <section className={styles.bottom} aria-label={t("problems")} data-region="problems">
      <div className={styles.bottomHead}>
        {tab(
          "problems",
          <span className={styles.count} data-bad={problems.length > 0 || undefined}>
            <Icon size={15} />
            {problems.length > 0
              ? t("problem_count", { count: problems.length })
              : t("no_problems")}
          </span>,
        )}
        {judge !== "server" && <span className={styles.checking}>{t(`judge.${judge}`)}</span>}
        <span className={styles.space} />
        {tab(
          "history",
          <span className={styles.tabName}>
            <IconHistory size={15} />
            {t("history.title")}
          </span>,
        )}
      </div>
      {shown && (
        <div className={styles.bottomBody}>
          {shown === "problems" ? (
            <ProblemsPanel problems={problems} onOpen={open} fixOf={fixOf} />
          ) : (
            <Suspense fallback={null}>
              <HistoryPanel />
            </Suspense>
          )}
        </div>
      )}
    </section>
  );
}
