import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { RunRecordExport } from "@/api/generated";
import type { Workflow } from "@/domain/document/workflow";
import type { RunView } from "@/domain/runs/run-view";
import type { CardState } from "@/domain/runs/step-states";
import type { TextStore } from "@/realtime/text-store";
import { late } from "@/shared/lib/late";
import { JsonBlock } from "./json-block";
import styles from "./run.module.css";

const StepPanel = late(() => import("./step-panel"));
const KnownFailure = late(() => import("./known-failure"));
const RunFiles = late(() => import("./files/run-files"));

export interface RunPanelProps {
  record: RunRecordExport;
  workflow: Workflow;
  run: RunView;
  texts: TextStore;
  path: string | undefined;
  state: CardState | undefined;
}

/** What the chosen step says and did; without one, what the run was given and has made. */
export function RunPanel(props: RunPanelProps) {
  const { record, run, path, state } = props;
  if (!path || !state) return <WholeRun record={record} run={run} />;
  return (
    <Suspense fallback={<aside className={styles.panel} aria-busy />}>
      <StepPanel key={path} {...props} path={path} state={state} />
    </Suspense>
  );
}

function WholeRun({ record, run }: { record: RunRecordExport; run: RunView }) {
  const { t } = useTranslation("runs");
  return (
    <aside className={styles.panel} aria-label={t("whole_run")}>
      <div className={styles.scroll}>
        {run.error && (
          <section className={styles.error} role="alert">
            <h2>{run.error.code}</h2>
            <p>{run.error.message}</p>
          </section>
        )}
        {run.status === "failed" && (
          <Suspense>
            <KnownFailure runId={run.id} />
          </Suspense>
        )}
        <JsonBlock title={t("outputs")} value={run.outputs} none={t("no_outputs")} />
        <Suspense>
          <RunFiles runId={run.id} written={run.files_written} />
        </Suspense>
        <JsonBlock title={t("inputs")} value={record.run.inputs} none={t("no_inputs")} />
      </div>
    </aside>
  );
}
