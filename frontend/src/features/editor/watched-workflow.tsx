import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { NO_EVENTS } from "@/canvas/canvas-events";
import { LateCanvas } from "@/canvas/late-canvas";
import { isMap } from "@/domain/expressions/values";
import { selectDoc, selectWorkflow } from "./editor-slice";
import { StepSource } from "./inspector/step-source";
import { useCatalogue } from "./use-catalogue";
import styles from "./watched-workflow.module.css";

const NO_MARKS = new Map<string, never>();

/** The workflow to be looked at, step by step, with the reason why it is not edited here. */
export function WatchedWorkflow({ text, children }: { text: string; children?: ReactNode }) {
  const { t } = useTranslation("editor");
  const workflow = useSelector(selectWorkflow);
  const { layout } = useSelector(selectDoc);
  const { looks } = useCatalogue();
  const [chosen, setChosen] = useState<string[]>([]);
  const selection = useMemo(() => new Set(chosen), [chosen]);
  const events = useMemo(
    () => ({ ...NO_EVENTS, onSelect: setChosen, onOpen: (path: string) => setChosen([path]) }),
    [],
  );
  const [only] = chosen;
  const step = chosen.length === 1 && only ? workflow.byPath.get(only) : undefined;
  const metadata = isMap(workflow.data.metadata) ? workflow.data.metadata : {};
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <h1>{String(metadata.title || metadata.name || t("untitled"))}</h1>
        <p className={styles.text} role="status">
          {text}
        </p>
        {children}
      </header>
      <div className={styles.body}>
        <LateCanvas
          workflow={workflow}
          layout={layout}
          mode="run"
          selection={selection}
          looks={looks}
          problems={NO_MARKS}
          states={NO_MARKS}
          events={events}
        />
        {step && (
          <aside className={styles.step} aria-label={t("inspector")}>
            <h2>{step.id}</h2>
            <StepSource step={step} />
          </aside>
        )}
      </div>
    </div>
  );
}
