import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Page } from "@/shared/ui/page";
import { DatasetList } from "./dataset-list";
import { EvaluationList } from "./evaluation-list";
import { StartDialog } from "./start-dialog";
import { useMay } from "./use-may";

/** What workflows are worth, measured over datasets; a workflow in the URL is the one to begin with. */
export function EvaluationsPage() {
  const { t } = useTranslation("evaluations");
  const [search] = useSearchParams();
  const workflowId = search.get("workflow");
  const may = useMay();
  const [isNew, setIsNew] = useState(workflowId !== null);
  const start = (
    <Button
      leftSection={<IconPlus size={16} />}
      disabled={!may.start}
      title={may.start ? undefined : t("not_allowed")}
      onClick={() => setIsNew(true)}
    >
      {t("new")}
    </Button>
  );
  return (
    <Page title={t("title")} text={t("text")} actions={start}>
      <EvaluationList onNew={may.start ? () => setIsNew(true) : undefined} />
      {may.datasets && <DatasetList />}
      {may.start && (
        <StartDialog isOpen={isNew} workflowId={workflowId} onClose={() => setIsNew(false)} />
      )}
    </Page>
  );
}
