import { useTranslation } from "react-i18next";
import { isRunFinished } from "@/domain/runs/run-view";
import { useRunFeed } from "@/realtime/use-run-feed";
import styles from "./chat.module.css";
import { ToolList } from "./tool-list";

/** The tools of an answer that has ended, from the stream of its run. */
export default function PastTools({ runId }: { runId: string }) {
  const { t } = useTranslation("chat");
  const { run } = useRunFeed(runId);
  const hasCalled = run.calls.some(({ kind }) => kind === "tool");
  if (hasCalled) return <ToolList calls={run.calls} />;
  return (
    <p className={styles.quiet}>{t(isRunFinished(run.status) ? "no_tools" : "reading_tools")}</p>
  );
}
