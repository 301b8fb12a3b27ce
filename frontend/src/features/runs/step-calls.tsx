import { IconRobot, IconTool } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { CallView } from "@/domain/runs/run-view";
import { compactNumber, duration } from "@/shared/lib/format";
import styles from "./run.module.css";

/** Which models and tools a step has called. */
export default function StepCalls({ calls }: { calls: CallView[] }) {
  const { t } = useTranslation("runs");
  if (calls.length === 0) return <p className={styles.quiet}>{t("no_calls")}</p>;
  return (
    <ol className={styles.calls}>
      {calls.map((call) => (
        <li key={call.seq}>
          {call.kind === "model" ? <IconRobot size={16} /> : <IconTool size={16} />}
          <span className={styles.callName}>{call.name}</span>
          <span className={styles.callFacts}>
            {duration(call.duration_ms)}
            {call.usage && call.usage.tokens > 0 && ` · ${compactNumber(call.usage.tokens)} tok`}
            {call.replayed && ` · ${t("replayed")}`}
          </span>
          {call.arguments_preview && (
            <code className={styles.callArguments}>{call.arguments_preview}</code>
          )}
        </li>
      ))}
    </ol>
  );
}
