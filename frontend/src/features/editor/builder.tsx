import { ActionIcon } from "@mantine/core";
import { IconLayoutDistributeHorizontal, IconNote } from "@tabler/icons-react";
import { type ReactNode, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { selectSession } from "@/api/session-slice";
import { LateCanvas } from "@/canvas/late-canvas";
import type { CardState } from "@/domain/runs/step-states";
import { late } from "@/shared/lib/late";
import { BottomPanel } from "./bottom-panel";
import { BuilderDialogs } from "./builder-dialogs";
import styles from "./editor.module.css";
import { selectDoc, selectEditor, selectSelection, selectWorkflow } from "./editor-slice";
import { Palette } from "./palette/palette";
import { useAutosave } from "./save/use-autosave";
import { useJournal } from "./save/use-journal";
import { TopBar } from "./top-bar";
import { useActions } from "./use-actions";
import { useCanvasEvents } from "./use-canvas-events";
import { useCatalogue } from "./use-catalogue";
import { useEdits } from "./use-edits";
import { problemsByStep, useProblems } from "./use-problems";
import { useViews } from "./use-views";

const CodeView = late(() => import("./code/code-view"));
// Keys are known as soon as there is something to press them on.
const commands = () => import("./commands/late-commands");
commands().catch(() => undefined);
const LateCommands = late(commands);
const Inspector = late(() => import("./inspector/inspector"));
const QuickAdd = late(() => import("./quick-add"));
const Outline = late(() => import("./outline/outline"));
const NO_STATES: ReadonlyMap<string, CardState> = new Map();

/** The builder: palette, canvas, inspector, code, problems: views of one document. */
export function Builder() {
  const { t } = useTranslation("editor");
  const doc = useSelector(selectDoc);
  const workflow = useSelector(selectWorkflow);
  const selection = useSelector(selectSelection);
  const { me } = useSelector(selectSession);
  const { workflow_id } = useSelector(selectEditor);
  const catalogue = useCatalogue();
  const edits = useEdits();
  const { list, judge } = useProblems();
  const { state, save } = useAutosave();
  useJournal();
  const { events, wanted, want, choose, cancel } = useCanvasEvents(edits, catalogue);
  const { views, panel, tool, tab, bottom, set } = useViews();
  const actions = useActions({ edits, problems: list, set });
  const counts = useMemo(() => problemsByStep(workflow, list), [workflow, list]);
  const [only] = selection;
  const step = selection.size === 1 && only ? workflow.byPath.get(only) : undefined;
  return (
    <div
      className={styles.builder}
      data-code={views.code || views.outline || undefined}
      data-inspecting={step ? true : undefined}
    >
      <TopBar save={state} views={views} actions={actions} />
      <Palette catalogue={catalogue} onAdd={actions.add} />
      <div className={styles.middle} data-region="canvas">
        <LateCanvas
          workflow={workflow}
          layout={doc.layout}
          memory={`${me?.user.id}/${workflow_id}`}
          mode="edit"
          tool={tool}
          selection={selection}
          looks={catalogue.looks}
          problems={counts}
          states={NO_STATES}
          events={events}
        >
          <Tool label={t("add_note")} onClick={actions.addNote}>
            <IconNote size={16} />
          </Tool>
          <Tool label={t("commands.tidy")} onClick={actions.tidyUp}>
            <IconLayoutDistributeHorizontal size={16} />
          </Tool>
        </LateCanvas>
        <BottomPanel
          problems={list}
          judge={judge}
          edits={edits}
          shown={bottom}
          onShow={set.bottom}
          onPropose={actions.propose}
          onSelect={events.onSelect}
        />
      </div>
      {views.outline && (
        <Suspense fallback={<aside className={styles.waiting} />}>
          <Outline catalogue={catalogue} problems={counts} onAdd={events.onAdd} />
        </Suspense>
      )}
      {views.code && (
        <Suspense fallback={<aside className={styles.waiting} />}>
          <CodeView problems={list} />
        </Suspense>
      )}
      <Suspense fallback={null}>
        {step && (
          <Inspector
            step={step}
            catalogue={catalogue}
            edits={edits}
            problems={list}
            tab={tab}
            onTab={set.tab}
            onClose={() => events.onSelect([])}
            onSave={save}
          />
        )}
      </Suspense>
      {/* Of its own: while the inspector is loaded, a list that was answered must not stay. */}
      <Suspense fallback={null}>
        {wanted && (
          <QuickAdd request={wanted} types={catalogue.items} onChoose={choose} onClose={cancel} />
        )}
      </Suspense>
      <Suspense fallback={null}>
        <LateCommands actions={actions} catalogue={catalogue} edits={edits} want={want} />
      </Suspense>
      <BuilderDialogs
        panel={panel}
        step={step}
        edits={edits}
        problems={list}
        conflict={state.status === "conflict" ? state.theirs : undefined}
        onClose={() => set.panel(undefined)}
        onSave={save}
      />
    </div>
  );
}

function Tool(props: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon aria-label={props.label} data-hint={props.label} onClick={props.onClick}>
      {props.children}
    </ActionIcon>
  );
}
