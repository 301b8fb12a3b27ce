import { useTranslation } from "react-i18next";
import type { Step } from "@/domain/document/workflow";
import { filledFields } from "@/domain/runs/step-input";
import type { Sample } from "../sample/use-sample";
import styles from "./inspector.module.css";

/** What the step would be given now, with what the last run was given and made. */
export function StepInput({ step, sample }: { step: Step; sample: Sample }) {
  const { t } = useTranslation("editor");
  const input = filledFields(step, sample.scope);
  return (
    <div className={styles.data}>
      <p className={styles.quiet}>{t(sample.run ? "data.input_text" : "data.input_unknown")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too */}
      <pre className={styles.input} aria-label={t("tabs.input")} role="region" tabIndex={0}>
        {JSON.stringify(input, null, 2)}
      </pre>
    </div>
  );
}
