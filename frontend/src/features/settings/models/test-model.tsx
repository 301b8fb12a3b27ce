import { Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type ModelTest, useTestModelMutation } from "@/api/generated";
import { duration } from "@/shared/lib/format";
import { MayButton } from "../parts/may-button";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";

/** Calls a model that is saved, with the key that the server keeps. */
export function TestSavedModel(props: { modelId: string; name: string; may: boolean }) {
  const { t } = useTranslation("settings");
  const [test, { data, error, isLoading }] = useTestModelMutation();
  return (
    <>
      <Group gap="sm">
        <MayButton
          may={props.may}
          variant="default"
          size="xs"
          loading={isLoading}
          aria-label={t("models.test_of", { name: props.name })}
          onClick={() => void test({ modelId: props.modelId })}
        >
          {t("models.test")}
        </MayButton>
        <TestResult result={isLoading ? undefined : data} />
      </Group>
      <ProblemAlert error={error} />
    </>
  );
}

/** What a test call brought: an answer with its time, or why there was none. */
export function TestResult({ result }: { result: ModelTest | undefined }) {
  const { t } = useTranslation("settings");
  if (!result) return <output />;
  const took = duration(result.duration_ms);
  return (
    <output>
      <span className={styles.tag} data-tone={result.ok ? "good" : "bad"}>
        {t(result.ok ? "models.answers" : "models.fails")}
      </span>
      <span className={styles.muted}>
        {result.ok
          ? t("models.answered", { took, count: result.tokens })
          : [result.message, result.code && `(${result.code})`].filter(Boolean).join(" ")}
      </span>
    </output>
  );
}
