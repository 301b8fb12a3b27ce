import { Anchor } from "@mantine/core";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useListRunsQuery } from "@/api/generated";
import { useRunFeed } from "@/realtime/use-run-feed";
import { late } from "@/shared/lib/late";
import { ErrorState } from "@/shared/ui/error-state";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./last-run.module.css";

const LogView = late(() => import("./log-view"));
const TimelineView = late(() => import("../timeline/timeline-view"));

export interface LastRunProps {
  workflowId: string;
  show: "logs" | "timeline";
  /** The step that is chosen, by its path in a run. */
  chosen: string | undefined;
  onChoose: (runPath: string) => void;
}

/** What the newest run of a workflow does or did, below the canvas on which it is built. */
export default function LastRun(props: LastRunProps) {
  const { t } = useTranslation("runs");
  const { data, error, refetch } = useListRunsQuery(
    { workflowId: props.workflowId, limit: 1 },
    { refetchOnMountOrArgChange: true },
  );
  const runId = data?.items[0]?.id;
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  if (!data) return <div className={styles.waiting} aria-busy />;
  if (!runId) return <p className={styles.none}>{t("never_ran")}</p>;
  return <OneRun key={runId} {...props} runId={runId} />;
}

function OneRun({ runId, show, chosen, onChoose }: LastRunProps & { runId: string }) {
  const { t } = useTranslation("runs");
  const { run } = useRunFeed(runId);
  return (
    <>
      <p className={styles.head}>
        <StatusBadge status={run.status} />
        <Anchor component={Link} to={`/runs/${runId}`} size="xs">
          {t("open_run")}
        </Anchor>
      </p>
      <Suspense fallback={<div className={styles.waiting} aria-busy />}>
        {show === "logs" ? (
          <LogView run={run} onChoose={onChoose} />
        ) : (
          <TimelineView run={run} isLive chosen={chosen} onChoose={onChoose} />
        )}
      </Suspense>
    </>
  );
}
