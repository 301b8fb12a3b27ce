import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { useGetRunSnapshotQuery } from "@/api/generated";
import { type ComparedStep, compareRuns } from "@/domain/runs/compare";
import { runFromSnapshot } from "@/domain/runs/run-view";
import { dateTime } from "@/shared/lib/format";
import { ErrorState } from "@/shared/ui/error-state";
import { LoadingPage } from "@/shared/ui/loading-page";
import { Page } from "@/shared/ui/page";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./compare.module.css";
import { CompareSteps } from "./compare-steps";
import { CompareSums } from "./compare-sums";
import { StepDifference } from "./step-difference";

/** Two runs beside each other: where they part, what it cost, and what each step made. */
export function ComparePage() {
  const { t } = useTranslation("runs");
  const { id = "", other = "" } = useParams();
  const old = useGetRunSnapshotQuery({ runId: other }, { refetchOnMountOrArgChange: true });
  const next = useGetRunSnapshotQuery({ runId: id }, { refetchOnMountOrArgChange: true });
  const comparison = useMemo(
    () =>
      old.data && next.data && compareRuns(runFromSnapshot(old.data), runFromSnapshot(next.data)),
    [old.data, next.data],
  );
  const [search, setSearch] = useSearchParams();
  if (old.isLoading || next.isLoading) return <LoadingPage />;
  if (!old.data || !next.data || !comparison) {
    const failed = old.data ? next : old;
    return <ErrorState error={failed.error} onRetry={failed.refetch} />;
  }
  const wanted = search.get("step") ?? comparison.first;
  const chosen: ComparedStep | undefined = comparison.steps.find((step) => step.path === wanted);
  return (
    <Page title={t("compare.title")} text={next.data.run.workflow.name}>
      <div className={styles.heads}>
        {[old.data.run, next.data.run].map((run, at) => (
          <Link key={run.id} to={`/runs/${run.id}`} className={styles.head}>
            <span>{t(at === 0 ? "compare.old" : "compare.new")}</span>
            <StatusBadge status={run.status} />
            <time dateTime={run.created_at}>{dateTime(run.created_at)}</time>
          </Link>
        ))}
      </div>
      <CompareSums comparison={comparison} />
      <div className={styles.parts}>
        <CompareSteps
          comparison={comparison}
          chosen={chosen?.path}
          onChoose={(step) => setSearch({ step }, { replace: true })}
        />
        {chosen ? (
          <StepDifference step={chosen} />
        ) : (
          <p className={styles.quiet}>{t("compare.nothing")}</p>
        )}
      </div>
    </Page>
  );
}
