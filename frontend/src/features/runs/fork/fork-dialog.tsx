import { Alert, Button, Modal, Select, Stack, Textarea } from "@mantine/core";
import { IconGitFork } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type RunRecordExport, useListModelsQuery } from "@/api/generated";
import { pathOfRunStep, type Workflow } from "@/domain/document/workflow";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import styles from "./fork.module.css";
import { bodyOf, draftOf, promptOf } from "./fork-draft";
import { ForkReportView } from "./fork-report";
import { useFork } from "./use-fork";

interface ForkDialogProps {
  record: RunRecordExport;
  workflow: Workflow;
  /** Steps that a fork may begin with, as the run names them. */
  steps: string[];
  from: string;
  onClose: () => void;
}

/** A new run that begins in the middle of an old one: what is changed, what is taken over, what happens again. */
export function ForkDialog({ record, workflow, steps, from, onClose }: ForkDialogProps) {
  const { t } = useTranslation("runs");
  const { data: models } = useListModelsQuery();
  const stepOf = (runPath: string) => workflow.byPath.get(pathOfRunStep(workflow, runPath) ?? "");
  const [draft, setDraft] = useState(() => draftOf(from, record.run, stepOf(from)));
  const step = stepOf(draft.from_step);
  const body = bodyOf(draft, record.run, step);
  const { report, problem, isStarting, start } = useFork(record.run.id, body);
  const hasPrompt = promptOf(step) !== "";
  const set = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("fork.title")}
      size="xl"
      closeButtonProps={{ "aria-label": t("common:actions.close") }}
    >
      <form
        className={styles.fork}
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <Stack>
          <Select
            label={t("fork.from")}
            data={steps}
            value={draft.from_step}
            onChange={(next) => next && setDraft(draftOf(next, record.run, stepOf(next)))}
            searchable
            allowDeselect={false}
          />
          <Textarea
            label={t("inputs")}
            description={t("fork.inputs_text")}
            error={body ? undefined : t("fork.no_json")}
            ff="monospace"
            autosize
            minRows={3}
            maxRows={10}
            value={draft.inputs}
            onChange={(event) => set({ inputs: event.currentTarget.value })}
          />
          {hasPrompt && (
            <>
              <Textarea
                label={t("fork.prompt")}
                autosize
                minRows={3}
                maxRows={12}
                value={draft.prompt}
                onChange={(event) => set({ prompt: event.currentTarget.value })}
              />
              <Select
                label={t("fork.model")}
                placeholder={t("fork.same_model")}
                data={(models?.items ?? []).map((model) => model.name)}
                value={draft.model || null}
                onChange={(model) => set({ model: model ?? "" })}
                clearable
              />
            </>
          )}
          <Textarea
            label={t("fork.output")}
            description={t("fork.output_text")}
            ff="monospace"
            autosize
            minRows={2}
            maxRows={10}
            value={draft.output}
            onChange={(event) => set({ output: event.currentTarget.value })}
          />
        </Stack>
        <Stack className={styles.side ?? ""}>
          {problem && (
            <Alert color="red" title={problem.title}>
              {problem.detail}
            </Alert>
          )}
          <ForkReportView report={report} />
          <DialogFoot onClose={onClose}>
            <Button
              type="submit"
              leftSection={<IconGitFork size={16} />}
              loading={isStarting}
              disabled={!body || !report}
            >
              {t("fork.start")}
            </Button>
          </DialogFoot>
        </Stack>
      </form>
    </Modal>
  );
}
