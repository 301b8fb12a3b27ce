import { Button } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useGetWorkflowQuery, useGetWorkflowSharingQuery } from "@/api/generated";
import { ErrorState } from "@/shared/ui/error-state";
import { LoadingPage } from "@/shared/ui/loading-page";
import { Page } from "@/shared/ui/page";
import { SharingForm } from "./sharing-form";
import { usePeople } from "./use-people";

/** With whom a workflow is shared, and how far they may go with it. */
export function SharingPage() {
  const { t } = useTranslation("sharing");
  const { id: workflowId = "" } = useParams();
  const workflow = useGetWorkflowQuery({ workflowId }, { refetchOnMountOrArgChange: true });
  const sharing = useGetWorkflowSharingQuery({ workflowId }, { refetchOnMountOrArgChange: true });
  const known = usePeople();
  const error = workflow.error ?? sharing.error ?? known.error;
  if (error) {
    const again = () => {
      workflow.refetch();
      sharing.refetch();
      known.refetch();
    };
    return <ErrorState error={error} onRetry={again} />;
  }
  if (!workflow.data || !sharing.data || known.isLoading) return <LoadingPage />;
  const { title, name } = workflow.data;
  const back = (
    <Button
      component={Link}
      to={`/workflows/${workflowId}`}
      variant="default"
      leftSection={<IconChevronLeft size={16} />}
    >
      {t("back")}
    </Button>
  );
  return (
    <Page title={t("title", { title: title || name })} text={t("text")} actions={back}>
      <SharingForm
        workflowId={workflowId}
        known={sharing.data}
        people={known.people}
        nameOf={known.nameOf}
      />
    </Page>
  );
}
