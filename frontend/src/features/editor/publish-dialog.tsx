import { Alert, Button, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { type DocumentProblem, usePublishWorkflowMutation } from "@/api/generated";
import type { Workflow } from "@/domain/document/workflow";
import { isMap } from "@/domain/expressions/values";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { selectEditor, selectWorkflow, versionPublished } from "./editor-slice";
import { VersionDifference } from "./versions/version-difference";

interface PublishDialogProps {
  problems: DocumentProblem[];
  onClose: () => void;
  onSave: () => Promise<boolean>;
}

/** Freezes the draft as a version that triggers and other workflows use. */
export default function PublishDialog({ problems, onClose, onSave }: PublishDialogProps) {
  const { t } = useTranslation("editor");
  const [note, setNote] = useState("");
  const { publish, isLoading, problem } = usePublish(onSave, onClose);
  const errors = problems.filter((one) => one.severity === "error");
  const { workflow_id, published_version } = useSelector(selectEditor);
  const triggers = triggersOf(useSelector(selectWorkflow));
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t("publish_title")}
      size={published_version ? 720 : 480}
    >
      <Stack>
        <Text c="dimmed">{t("publish_text")}</Text>
        {errors.length > 0 && (
          <Alert color="red">{t("publish_blocked", { count: errors.length })}</Alert>
        )}
        {problem && <Alert color="red">{problem.detail || problem.title}</Alert>}
        {triggers.length > 0 && (
          <Text size="sm">{t("publish_triggers", { triggers: triggers.join(", ") })}</Text>
        )}
        {published_version !== null && errors.length === 0 && (
          <VersionDifference workflowId={workflow_id} version={published_version} onSave={onSave} />
        )}
        <Textarea
          label={t("publish_note")}
          autosize
          minRows={2}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <DialogFoot onClose={onClose}>
          <Button disabled={errors.length > 0} loading={isLoading} onClick={() => publish(note)}>
            {t("publish")}
          </Button>
        </DialogFoot>
      </Stack>
    </Dialog>
  );
}

/** What starts the workflow by itself, by the ids of its triggers. */
function triggersOf({ data }: Workflow): string[] {
  const written = Array.isArray(data.triggers) ? data.triggers : [];
  return written.flatMap((one) => (isMap(one) && typeof one.id === "string" ? [one.id] : []));
}

function usePublish(onSave: () => Promise<boolean>, onClose: () => void) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const { workflow_id } = useSelector(selectEditor);
  const [publishWorkflow, { isLoading, error }] = usePublishWorkflowMutation();
  const publish = async (note: string) => {
    if (!(await onSave())) return;
    const done = await publishWorkflow({ workflowId: workflow_id, body: note ? { note } : null });
    if (!done.data) return;
    dispatch(versionPublished(done.data.version));
    notifications.show({ color: "green", message: t("published", { version: done.data.version }) });
    onClose();
  };
  return { publish, isLoading, problem: isProblem(error) ? error : undefined };
}
