import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useGetWorkflowQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { Page } from "@/shared/ui/page";
import { NotAllowed } from "../parts/not-allowed";
import styles from "../parts/parts.module.css";
import { Schedules } from "./schedules";
import { Webhooks } from "./webhooks";

/** What starts workflows without a person: all of the workspace, or those of the workflow that the address names. */
export function TriggersPage() {
  const { t } = useTranslation("settings");
  const may = useMay("triggers:read");
  const [search, setSearch] = useSearchParams();
  const workflowId = search.get("workflow") || undefined;
  return (
    <Page title={t("nav.triggers")} text={t("triggers.text")}>
      {may && workflowId && (
        <OfOneWorkflow workflowId={workflowId} onAll={() => setSearch({}, { replace: true })} />
      )}
      {may ? (
        <>
          <Schedules workflowId={workflowId} />
          <Webhooks workflowId={workflowId} />
        </>
      ) : (
        <NotAllowed />
      )}
    </Page>
  );
}

function OfOneWorkflow({ workflowId, onAll }: { workflowId: string; onAll: () => void }) {
  const { t } = useTranslation("settings");
  const { data } = useGetWorkflowQuery({ workflowId });
  const name = data?.title || data?.name || workflowId;
  return (
    <div className={styles.cardHead}>
      <span>{t("triggers.of", { name })}</span>
      <div className={styles.actions}>
        <Button component={Link} to={`/workflows/${workflowId}`} variant="default" size="xs">
          {t("triggers.open")}
        </Button>
        <Button variant="default" size="xs" onClick={onAll}>
          {t("triggers.all")}
        </Button>
      </div>
    </div>
  );
}
