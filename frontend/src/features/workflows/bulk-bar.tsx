import { Button, Group, Text } from "@mantine/core";
import { IconDownload, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WorkflowSummary } from "@/api/generated";
import danger from "@/shared/ui/danger.module.css";
import { Dialog } from "@/shared/ui/dialog";
import { useWorkflowActions } from "./use-workflow-actions";
import styles from "./workflows.module.css";

interface BulkBarProps {
  workflows: WorkflowSummary[];
  mayWrite: boolean;
  onClear: () => void;
}

/** What can be done with the workflows that are chosen. */
export function BulkBar({ workflows, mayWrite, onClear }: BulkBarProps) {
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
    <section className={styles.bulk} aria-label={t("bulk.title")}>
      <span role="status">{t("bulk.chosen", { count })}</span>
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
      <Button size="xs" variant="subtle" onClick={onClear}>
        {t("bulk.clear")}
      </Button>
      <Dialog
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={t("bulk.delete_title", { count })}
      >
        <Text size="sm">{t("bulk.delete_text")}</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setIsAsking(false)}>
            {t("common:actions.cancel")}
          </Button>
          <Button className={danger.danger} onClick={() => void remove()}>
            {t("bulk.delete_sure", { count })}
          </Button>
        </Group>
      </Dialog>
    </section>
  );
}
