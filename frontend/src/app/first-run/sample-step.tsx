import { Alert, Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListModelsQuery } from "@/api/generated";
import { reasonOf } from "@/shared/lib/problem";
import { Step } from "./step";
import { answering } from "./use-models";
import { useSample } from "./use-sample";

/** Runs the sample; without a model it says what is missing. */
export function SampleStep() {
  const { t } = useTranslation(["dashboard", "templates"]);
  const { data, isLoading } = useListModelsQuery();
  const { run, isStarting, problem, isMissing } = useSample();
  const isMute = !isLoading && data !== undefined && !answering(data);
  const reason = isMissing ? t("begin.sample.none") : isMute ? t("begin.sample.needs") : undefined;
  return (
    <Step step={2} title={t("begin.sample.title")} text={reason ?? t("begin.sample.text")}>
      <Button
        leftSection={<IconPlayerPlay size={16} />}
        loading={isStarting}
        disabled={reason !== undefined}
        onClick={() => void run()}
      >
        {t("begin.sample.run")}
      </Button>
      {problem && (
        <Alert color="red" role="alert" title={t("begin.sample.failed")}>
          {reasonOf(problem)}
        </Alert>
      )}
    </Step>
  );
}
