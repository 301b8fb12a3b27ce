import { Alert, Button, Textarea } from "@mantine/core";
import { IconPin, IconPinnedOff, IconPlayerPlay, IconPlayerTrackNext } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { Step } from "@/domain/document/workflow";
import type { JsonValue } from "@/domain/expressions/values";
import { isProblem } from "@/shared/lib/problem";
import { selectDoc } from "../editor-slice";
import { runPathOf } from "../sample/pins";
import type { Sample } from "../sample/use-sample";
import { useStepRun } from "../sample/use-step-run";
import type { Edits } from "../use-edits";
import styles from "./inspector.module.css";

interface StepDataProps {
  step: Step;
  sample: Sample;
  edits: Edits;
  onSave: () => Promise<boolean>;
}

/** What the step made last, what it is to make in tests instead, and ways to try it alone. */
export function StepData({ step, sample, edits, onSave }: StepDataProps) {
  const { t } = useTranslation("editor");
  const { start, isStarting, error } = useStepRun(sample, onSave);
  const runPath = runPathOf(step.path);
  const problem = isProblem(error) ? error : undefined;
  if (!runPath) return <p className={styles.quiet}>{t("data.inner")}</p>;
  return (
    <div className={styles.data}>
      {problem && (
        <Alert color="red" title={problem.title} role="alert">
          {problem.detail}
        </Alert>
      )}
      <div className={styles.actions}>
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          disabled={!sample.run}
          loading={isStarting}
          onClick={() => start(runPath, "only")}
        >
          {t("data.run_step")}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerTrackNext size={14} />}
          disabled={!sample.run}
          loading={isStarting}
          onClick={() => start(runPath, "from")}
        >
          {t("data.run_from")}
        </Button>
      </div>
      <p className={styles.quiet}>{t(sample.run ? "data.reuses" : "data.never_ran")}</p>
      <Pin step={step} last={sample.steps.get(runPath)?.output} edits={edits} />
    </div>
  );
}

function Pin(props: { step: Step; last: JsonValue | undefined; edits: Edits }) {
  const { t } = useTranslation("editor");
  const { step, last, edits } = props;
  const { layout } = useSelector(selectDoc);
  const isPinned = Object.hasOwn(layout.pins, step.path);
  const value = isPinned ? layout.pins[step.path] : last;
  const [typed, setTyped] = useState<string>();
  const text = typed ?? (value === undefined ? "" : JSON.stringify(value, null, 2));
  const read = parsed(text);
  const put = (next: JsonValue) => {
    edits.edit([{ op: "pin", path: step.path, value: next }], t("undo.pin", { id: step.id }));
    setTyped(undefined);
  };
  const release = () => {
    edits.edit([{ op: "unpin", path: step.path }], t("undo.unpin", { id: step.id }));
    setTyped(undefined);
  };
  return (
    <section className={styles.data} aria-label={t("data.output")}>
      <Textarea
        label={t(isPinned ? "data.pinned" : "data.output")}
        description={t(isPinned ? "data.pinned_text" : "data.output_text")}
        error={text.trim() !== "" && read === undefined ? t("data.no_json") : undefined}
        autosize
        minRows={4}
        maxRows={18}
        classNames={{ input: styles.mono ?? "" }}
        value={text}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className={styles.actions}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPin size={14} />}
          disabled={read === undefined || (isPinned && typed === undefined)}
          onClick={() => read !== undefined && put(read)}
        >
          {t("data.pin")}
        </Button>
        {isPinned && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPinnedOff size={14} />}
            onClick={release}
          >
            {t("data.unpin")}
          </Button>
        )}
      </div>
    </section>
  );
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
