import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isId, RESERVED } from "@/domain/document/words";
import type { Step } from "@/domain/document/workflow";
import styles from "./inspector.module.css";

/** The id of a step, renamed in place; everything that refers to it follows. */
export function StepName({
  step,
  kind,
  onRename,
}: {
  step: Step;
  kind: string;
  onRename: (id: string) => void;
}) {
  const { t } = useTranslation("editor");
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const shown = typed ?? step.id;
  const fault = shown === step.id ? undefined : faultOf(step, shown);
  const finish = () => {
    setTyped(undefined);
    if (shown !== step.id && !fault) onRename(shown);
  };
  return (
    <div className={styles.name}>
      <input
        data-step-name
        aria-label={t("step_id")}
        aria-invalid={fault ? true : undefined}
        spellCheck={false}
        value={shown}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          // Once it takes back what was typed, then it leaves the panel.
          if (event.key !== "Escape" || typed === undefined) return;
          event.preventDefault();
          setTyped(undefined);
        }}
      />
      <span className={fault ? styles.fault : styles.kind}>
        {fault ? t(`faults.${fault}`) : kind}
      </span>
    </div>
  );
}

function faultOf(step: Step, id: string): "not_id" | "reserved" | "taken" | undefined {
  if (RESERVED.has(id)) return "reserved";
  if (!isId(id)) return "not_id";
  return id in step.block.steps ? "taken" : undefined;
}
