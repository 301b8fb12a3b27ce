import { Button, Text } from "@mantine/core";
import { IconDownload, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WorkflowSummary } from "@/api/generated";
import { BulkBar } from "@/shared/ui/bulk-bar";
import danger from "@/shared/ui/danger.module.css";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { useWorkflowActions } from "./use-workflow-actions";

interface WorkflowsBulkBarProps {
  workflows: WorkflowSummary[];
  mayWrite: boolean;
  onClear: () => void;
}

/** What can be done with the workflows that are chosen. */
export function WorkflowsBulkBar({ workflows, mayWrite, onClear }: WorkflowsBulkBarProps) {
  const { t } = useTranslation("workflows");
  const { exportAll, removeAll } = useWorkflowActions();
  const [isAsking, setIsAsking] = useState(false);
  const count = workflows.length;
  const remove = async () => {
    setIsAsking(false);
    await removeAll(workflows);
    onClear();
  };
  return (
    <>
      <BulkBar
        label={t("bulk.title")}
        said={t("bulk.chosen", { count })}
        clear={t("bulk.clear")}
        onClear={onClear}
      >
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={() => void exportAll(workflows)}
        >
          {t("export")}
        </Button>
        <Button
          size="xs"
          variant="light"
          color="red"
          leftSection={<IconTrash size={14} />}
          {...(!mayWrite && {
            "aria-disabled": true,
            "data-disabled": true,
            "data-hint": t("forbidden"),
          })}
          onClick={() => mayWrite && setIsAsking(true)}
        >
          {t("delete")}
        </Button>
      </BulkBar>
      <Dialog
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={t("bulk.delete_title", { count })}
      >
        <Text size="sm">{t("bulk.delete_text")}</Text>
        <DialogFoot onClose={() => setIsAsking(false)} mt="md">
          <Button className={danger.danger} onClick={() => void remove()}>
            {t("bulk.delete_sure", { count })}
          </Button>
        </DialogFoot>
      </Dialog>
    </>
  );
}
