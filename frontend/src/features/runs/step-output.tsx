import { Alert, Button, Group } from "@mantine/core";
import { IconDownload, IconEye } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLazyGetRunValueQuery } from "@/api/generated";
import type { StepView } from "@/domain/runs/run-view";
import { isProblem } from "@/shared/lib/problem";
import { saveFile } from "@/shared/lib/save-file";
import { JsonBlock } from "./json-block";
import styles from "./run.module.css";

/** What a step has made; of what is too large to be sent along, the beginning and the ways to the whole. */
export default function StepOutput({ runId, step }: { runId: string; step: StepView }) {
  const { t } = useTranslation("runs");
  const [load, { data, error, isFetching }] = useLazyGetRunValueQuery();
  const ref = step.output_ref;
  const whole = ref && data?.ref === ref ? data : undefined;
  const download = async () => {
    if (!ref) return;
    const found = await load({ runId, ref }, true);
    if (!found.data) return;
    const { value } = found.data;
    const isText = typeof value === "string";
    const name = `${step.path}.${isText ? "txt" : "json"}`;
    saveFile(
      name,
      isText ? value : JSON.stringify(value, null, 2),
      isText ? "text/plain" : "application/json",
    );
  };
  return (
    <>
      {ref && (
        <div className={styles.large}>
          <p>{t(whole ? "large.whole" : "large.preview")}</p>
          {isProblem(error) && <Alert color="red" title={error.title} />}
          <Group gap="xs">
            {!whole && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconEye size={14} />}
                loading={isFetching}
                onClick={() => load({ runId, ref }, true)}
              >
                {t("large.show")}
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} />}
              loading={isFetching}
              onClick={download}
            >
              {t("large.download")}
            </Button>
          </Group>
        </div>
      )}
      <JsonBlock
        title={t("output")}
        value={whole ? whole.value : step.output}
        none={t("no_output")}
      />
    </>
  );
}
