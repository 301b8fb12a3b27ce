import { UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconChevronUp,
  IconCircleCheck,
  IconHistory,
  IconListDetails,
  IconTimeline,
} from "@tabler/icons-react";
import { type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { DocumentProblem } from "@/api/generated";
import { late } from "@/shared/lib/late";
import styles from "./editor.module.css";
import type { Edits } from "./use-edits";
import type { Judge } from "./use-problems";
import type { Bottom } from "./use-views";

const ProblemsTab = late(() => import("./problems-tab"));
const HistoryPanel = late(() => import("./history-panel"));
const LastRunTab = late(() => import("./last-run-tab"));

const ASIDE = [
  ["logs", IconListDetails],
  ["timeline", IconTimeline],
  ["history", IconHistory],
] as const;

/** What is said below the canvas: what is wrong, what the last run did, and what was changed; closed it is one line. */
export function BottomPanel(props: {
  problems: DocumentProblem[];
  judge: Judge;
  edits: Edits;
  shown: Bottom | undefined;
  /** Asked for again, what is shown is closed. */
  onShow: (wanted: Bottom) => void;
  onPropose: () => void;
  onSelect: (paths: string[]) => void;
}) {
  const { problems, judge, edits, shown, onShow, onSelect } = props;
  const { t } = useTranslation("editor");
  const tab = (name: Bottom, face: ReactNode) => (
    <UnstyledButton
      key={name}
      className={styles.bottomTab ?? ""}
      aria-expanded={shown === name}
      onClick={() => onShow(name)}
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
        {ASIDE.map(([name, Face]) =>
          tab(
            name,
            <span className={styles.tabName}>
              <Face size={15} />
              <span>{t(`${name}.title`)}</span>
            </span>,
          ),
        )}
      </div>
      {shown && (
        <div className={styles.bottomBody}>
          <Suspense fallback={null}>
            {shown === "problems" && (
              <ProblemsTab
                problems={problems}
                edits={edits}
                onPropose={props.onPropose}
                onSelect={onSelect}
              />
            )}
            {shown === "history" && <HistoryPanel />}
            {(shown === "logs" || shown === "timeline") && (
              <LastRunTab show={shown} onSelect={onSelect} />
            )}
          </Suspense>
        </div>
      )}
    </section>
  );
}
