import { useContext, useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { isRunFinished } from "@/domain/runs/run-view";
import { useRunFeed } from "@/realtime/use-run-feed";
import { LateMarkdown } from "@/shared/ui/late-markdown";
import { Ask } from "./ask";
import styles from "./chat.module.css";
import { ToolList } from "./tool-list";

const STEP = "answer";

/** An answer while it is said: the stream of its run, with the tools that it has called. */
export default function LiveAnswer({ runId, onEnded }: { runId: string; onEnded: () => void }) {
  const { t } = useTranslation("chat");
  const AskHere = useContext(Ask);
  const { feed, run } = useRunFeed(runId);
  const text = useSyncExternalStore(
    (changed) => feed.texts.subscribe(STEP, changed),
    () => feed.texts.text(STEP, "answer"),
  );
  const isOver = isRunFinished(run.status);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end is the reason, not who hears of it
  useEffect(() => {
    if (isOver) onEnded();
  }, [isOver]);
  const asked = Object.values(run.steps).find(({ approval_id: id }) => id !== null);
  return (
    <>
      <ToolList calls={run.calls} />
      {asked?.approval_id && (
        <>
          <p className={styles.quiet}>
            <Link to={`/approvals?item=${asked.approval_id}`}>{t("asks")}</Link>
          </p>
          {AskHere && <AskHere approvalId={asked.approval_id} />}
        </>
      )}
      {text ? <LateMarkdown text={text} /> : <p className={styles.quiet}>{t("thinking")}</p>}
    </>
  );
}
