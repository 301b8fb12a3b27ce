import { Button, Progress } from "@mantine/core";
import { IconBan, IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import {
  type Evaluation,
  type EvaluationResult,
  useCancelEvaluationMutation,
  useGetEvaluationQuery,
} from "@/api/generated";
import { dateTime } from "@/shared/lib/format";
import { ErrorState } from "@/shared/ui/error-state";
import { LoadingPage } from "@/shared/ui/loading-page";
import { Page } from "@/shared/ui/page";
import { StatusBadge } from "@/shared/ui/status-badge";
import { CaseTable } from "./case-table";
import styles from "./evaluations.module.css";
import { MetricTable } from "./metric-table";
import { Refused } from "./refused";
import { useMay } from "./use-may";
import { useReport } from "./use-report";
import { useVersionName } from "./use-version-name";

const EVERY_MS = 2_000;

/** One evaluation: what its versions are worth, how sure that is, and every case of it. */
export function EvaluationPage() {
  const { id: evaluationId = "" } = useParams();
  const [isRunning, setIsRunning] = useState(true);
  const { data, error, isLoading, refetch } = useGetEvaluationQuery(
    { evaluationId },
    {
      pollingInterval: isRunning ? EVERY_MS : 0,
      skipPollingIfUnfocused: true,
      refetchOnMountOrArgChange: true,
    },
  );
  if (isLoading) return <LoadingPage />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  const isOn = data.evaluation.status === "running";
  if (isOn !== isRunning) setIsRunning(isOn);
  return <Shown result={data} />;
}

function Shown({ result }: { result: EvaluationResult }) {
  const { t } = useTranslation("evaluations");
  const { evaluation, metrics } = result;
  const names = useVersionName(evaluation);
  return (
    <Page
      title={t("page_title", { dataset: evaluation.dataset_name })}
      text={t("page_text", { workflow: evaluation.workflow.name, versions: names.versions })}
      actions={<Actions evaluation={evaluation} />}
    >
      <State evaluation={evaluation} />
      {metrics.length > 0 && <MetricTable metrics={metrics} names={names} />}
      <CaseTable result={result} names={names} />
    </Page>
  );
}

function State({ evaluation }: { evaluation: Evaluation }) {
  const { t } = useTranslation("evaluations");
  const { status, done, runs, error, created_at, finished_at, workflow } = evaluation;
  return (
    <section className={styles.state} aria-label={t("columns.status")}>
      <div className={styles.stateLine}>
        <StatusBadge status={status} />
        <span>{t("done_of", { done, count: runs })}</span>
        <span>{t("began", { at: dateTime(created_at) })}</span>
        {finished_at && <span>{t("ended", { at: dateTime(finished_at) })}</span>}
        <Link to={`/workflows/${workflow.id}`}>{t("open_workflow", { name: workflow.name })}</Link>
      </div>
      {status === "running" && (
        <>
          <Progress value={(done / Math.max(runs, 1)) * 100} aria-label={t("progress")} />
          <p className={styles.quiet}>{t("figures_later")}</p>
        </>
      )}
      {error && (
        <p className={styles.failure} role="alert">
          {error}
        </p>
      )}
    </section>
  );
}

function Actions({ evaluation }: { evaluation: Evaluation }) {
  const { t } = useTranslation("evaluations");
  const may = useMay();
  const report = useReport(evaluation.id);
  const [cancel, { error, isLoading }] = useCancelEvaluationMutation();
  return (
    <>
      {evaluation.status === "running" && (
        <Button
          variant="default"
          leftSection={<IconBan size={16} />}
          loading={isLoading}
          disabled={!may.cancel}
          title={may.cancel ? undefined : t("not_allowed")}
          onClick={() => void cancel({ evaluationId: evaluation.id })}
        >
          {t("common:actions.cancel")}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        loading={report.isBusy}
        onClick={() => void report.save()}
      >
        {t("report")}
      </Button>
      <Refused error={error} />
    </>
  );
}
