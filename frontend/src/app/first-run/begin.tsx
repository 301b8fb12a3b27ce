import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import styles from "./first-run.module.css";
import { ModelStep } from "./model-step";
import { SampleStep } from "./sample-step";
import { Step } from "./step";

/** A new workspace: a model that answers, a sample to watch, and the way to workflows of one's own. */
export default function Begin({ onSkip }: { onSkip: () => void }) {
  const { t } = useTranslation("dashboard");
  return (
    <section className={styles.begin} aria-label={t("begin.title")}>
      <h2 className={styles.title}>{t("begin.title")}</h2>
      <p className={styles.text}>{t("begin.text")}</p>
      <ol className={styles.steps}>
        <ModelStep />
        <SampleStep />
        <Step step={3} title={t("begin.own.title")} text={t("begin.own.text")}>
          <Button component={Link} to="/templates" variant="default">
            {t("begin.own.templates")}
          </Button>
          <Button component={Link} to="/workflows" variant="default">
            {t("begin.own.blank")}
          </Button>
        </Step>
      </ol>
      <Button variant="subtle" color="gray" onClick={onSkip}>
        {t("begin.skip")}
      </Button>
    </section>
  );
}
