import { Tabs } from "@mantine/core";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CardState } from "@/domain/runs/step-states";
import { late } from "@/shared/lib/late";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./run.module.css";
import type { RunPanelProps } from "./run-panel";
import { StepFacts } from "./step-facts";
import { StepStream } from "./step-stream";

// What a step says is seen first; the other tabs come when they are opened.
const StepInput = late(() => import("./step-input"));
const StepOutput = late(() => import("./step-output"));
const StepCalls = late(() => import("./step-calls"));
const KnownFailure = late(() => import("./known-failure"));
const ExecutionSelect = late(() => import("./execution-select"));

/** What one step of the run was given, says and has made. */
export default function StepPanel({
  record,
  workflow,
  run,
  texts,
  path,
  state,
}: RunPanelProps & { path: string; state: CardState }) {
  const { t } = useTranslation("runs");
  const [picked, setPicked] = useState<string>();
  const current = picked && state.executions.includes(picked) ? picked : state.focus;
  const step = run.steps[current];
  if (!step) return null;
  return (
    <aside className={styles.panel} aria-label={t("step", { path })}>
      <header className={styles.panelHead}>
        <h2>{current}</h2>
        <StatusBadge status={step.status} />
      </header>
      <StepFacts step={step} />
      {run.status === "failed" && step.status === "failed" && (
        <Suspense>
          <KnownFailure runId={run.id} />
        </Suspense>
      )}
      {state.executions.length > 1 && (
        <Suspense>
          <ExecutionSelect executions={state.executions} current={current} onPick={setPicked} />
        </Suspense>
      )}
      <Tabs defaultValue="stream" className={styles.tabs ?? ""} keepMounted={false}>
        <Tabs.List>
          {["stream", "input", "output", "calls"].map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`tabs.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="stream" className={styles.tab ?? ""}>
          <StepStream key={current} texts={texts} step={step} />
        </Tabs.Panel>
        <Tabs.Panel value="input" className={styles.tab ?? ""}>
          <Suspense>
            <StepInput record={record} step={workflow.byPath.get(path)} run={run} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="output" className={styles.tab ?? ""}>
          <Suspense>
            <StepOutput runId={run.id} step={step} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="calls" className={styles.tab ?? ""}>
          <Suspense>
            <StepCalls calls={run.calls.filter((call) => call.step === current)} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}
