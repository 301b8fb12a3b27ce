import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fetchFile } from "@/api/fetch-file";
import { saveBlob } from "@/shared/lib/save-file";

/** Saves the report of an evaluation: a page that needs nothing else, to keep or to send. */
export function useReport(evaluationId: string) {
  const { t } = useTranslation("evaluations");
  const [isBusy, setIsBusy] = useState(false);
  const save = async () => {
    setIsBusy(true);
    const found = await fetchFile(`/v1/evaluations/${evaluationId}/report`);
    setIsBusy(false);
    if (found) saveBlob(`evaluation-${evaluationId}.html`, found);
    else notifications.show({ color: "red", message: t("report_failed") });
  };
  return { save, isBusy };
}
