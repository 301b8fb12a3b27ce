import { useTranslation } from "react-i18next";
import type { CardState } from "@/domain/runs/step-states";
import { useNow } from "@/shared/hooks/use-now";
import { compactNumber, duration, money } from "@/shared/lib/format";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./cards.module.css";

/** What a run has done with a step: in words, with its time, tokens and cost. */
export function CardStateLine({ state }: { state: CardState }) {
  const { t } = useTranslation("canvas");
  const count = state.executions.length;
  return (
    <span className={styles.state} data-state-line>
      <StatusBadge status={state.status} isSmall />
      {count > 1 && <span>{t("items", { done: state.done, count })}</span>}
      {state.attempt > 1 && <span>{t("attempt", { attempt: state.attempt })}</span>}
      <Elapsed from={state.started_at} to={state.finished_at} />
      {state.tokens > 0 && <span title={t("tokens")}>{compactNumber(state.tokens)} tok</span>}
      {state.usd > 0 && <span>{money(state.usd)}</span>}
    </span>
  );
}

function Elapsed({ from, to }: { from: string | null; to: string | null }) {
  const now = useNow(from !== null && to === null);
  if (from === null) return null;
  const end = to === null ? now : new Date(to).getTime();
  return <span>{duration(end - new Date(from).getTime())}</span>;
}
