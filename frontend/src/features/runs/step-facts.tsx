import { useTranslation } from "react-i18next";
import { isFinished, type StepView } from "@/domain/runs/run-view";
import { useNow } from "@/shared/hooks/use-now";
import { compactNumber, duration, money } from "@/shared/lib/format";
import styles from "./run.module.css";

/** What a step took: time, tokens, money, and how often it was tried. */
export function StepFacts({ step }: { step: StepView }) {
  const { t } = useTranslation("runs");
  const now = useNow(step.started_at !== null && !isFinished(step.status));
  const end = step.finished_at ? Date.parse(step.finished_at) : now;
  const facts: [string, string][] = [];
  if (step.started_at)
    facts.push(["elapsed", duration(Math.max(0, end - Date.parse(step.started_at)))]);
  if (step.usage.tokens > 0) {
    facts.push(["tokens", compactNumber(step.usage.tokens)], ["cost", money(step.usage.usd)]);
  }
  if (step.usage.tokens_saved > 0)
    facts.push(["tokens_saved", compactNumber(step.usage.tokens_saved)]);
  if (step.agent) facts.push(["agent", step.agent]);
  if (step.attempt > 1) facts.push(["attempt", String(step.attempt)]);
  if (facts.length === 0) return null;
  return (
    <dl className={styles.stepFacts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{t(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
