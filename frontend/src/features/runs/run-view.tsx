import { useCallback, useEffect, useMemo, useState } from "react";
import { useSelector } from "react-redux";
import { useSearchParams } from "react-router";
import {
  type RunRecordExport,
  useListStepTypesQuery,
  type WorkflowDocument,
} from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { type CanvasEvents, NO_EVENTS } from "@/canvas/canvas-events";
import { LateCanvas } from "@/canvas/late-canvas";
import { LiveTextProvider } from "@/canvas/live-lines";
import { pathOfRunStep, readWorkflow } from "@/domain/document/workflow";
import { readLayout } from "@/domain/layout/layout";
import { cardStates } from "@/domain/runs/step-states";
import { useRunFeed } from "@/realtime/use-run-feed";
import { usePlayback } from "./playback/use-playback";
import styles from "./run.module.css";
import { RunBar } from "./run-bar";
import { RunBottom } from "./run-bottom";
import { RunPanel } from "./run-panel";

const NO_PROBLEMS: ReadonlyMap<string, { errors: number; warnings: number }> = new Map();

/** A run on the canvas of the document that ran, and beside it what the chosen step says. */
export function RunView({
  record,
  workflow,
}: {
  record: RunRecordExport;
  workflow: WorkflowDocument | undefined;
}) {
  const document = useMemo(() => readWorkflow(record.source), [record.source]);
  const layout = useMemo(() => readLayout(workflow?.layout), [workflow?.layout]);
  const { feed, run: live } = useRunFeed(record.run.id);
  const playback = usePlayback(record.run.id);
  const run = playback.run ?? live;
  const texts = playback.texts ?? feed.texts;
  const { me } = useSelector(selectSession);
  const { data: types } = useListStepTypesQuery({});
  const looks = useMemo(() => new Map(types?.items.map((item) => [item.kind, item])), [types]);
  const states = useMemo(() => cardStates(document, run), [document, run]);
  const { chosen, choose } = useChosenStep();
  const failed = [...states].find(([, state]) => state.status === "failed")?.[0];
  useFirstFailure(failed, chosen, choose);
  const selection = useMemo(() => new Set(chosen ? [chosen] : []), [chosen]);
  const events: CanvasEvents = useMemo(
    () => ({ ...NO_EVENTS, onSelect: (paths) => choose(paths.at(-1)), onOpen: choose }),
    [choose],
  );
  const state = chosen ? states.get(chosen) : undefined;
  const chooseRunPath = useCallback(
    (runPath: string) => choose(pathOfRunStep(document, runPath)),
    [document, choose],
  );
  return (
    <div className={styles.run}>
      <RunBar
        record={record}
        workflow={document}
        run={run}
        title={workflow?.title || record.run.workflow.name}
        chosen={state?.focus}
      />
      <LiveTextProvider value={texts}>
        <LateCanvas
          workflow={document}
          layout={layout}
          memory={`${me?.user.id}/${record.run.workflow.id}`}
          mode="run"
          selection={selection}
          looks={looks}
          problems={NO_PROBLEMS}
          states={states}
          events={events}
        />
      </LiveTextProvider>
      <RunBottom run={run} playback={playback} chosen={state?.focus} onChoose={chooseRunPath} />
      <RunPanel
        record={record}
        workflow={document}
        run={run}
        texts={texts}
        state={state}
        path={chosen}
      />
    </div>
  );
}

/** What failed first is opened once, unless somebody looks at a step already. */
function useFirstFailure(
  failed: string | undefined,
  chosen: string | undefined,
  choose: (path: string) => void,
): void {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    if (!failed || isShown) return;
    setIsShown(true);
    if (!chosen) choose(failed);
  }, [failed, isShown, chosen, choose]);
}

/** The chosen step stands in the URL, so that a link leads to it. */
function useChosenStep() {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("step") ?? undefined;
  const choose = useMemo(
    () => (path: string | undefined) => setSearch(path ? { step: path } : {}, { replace: true }),
    [setSearch],
  );
  return { chosen, choose };
}
