import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { RunRecordExport } from "@/api/generated";
import type { Step } from "@/domain/document/workflow";
import type { RunView } from "@/domain/runs/run-view";
import { stepInput } from "@/domain/runs/step-input";
import { JsonBlock } from "./json-block";

/** What the step was given, with the values of this run in its texts. */
export default function StepInput({
  record,
  step,
  run,
}: {
  record: RunRecordExport;
  step: Step | undefined;
  run: RunView;
}) {
  const { t } = useTranslation("runs");
  const { inputs } = record.run;
  const given = useMemo(() => (step ? stepInput(step, run, inputs) : {}), [step, run, inputs]);
  return (
    <>
      {Object.entries(given).map(([name, value]) => (
        <JsonBlock key={name} title={name} value={value} none={t("no_inputs")} />
      ))}
    </>
  );
}
