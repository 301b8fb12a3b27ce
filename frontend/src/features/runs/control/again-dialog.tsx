import { Alert, Button, Select, Stack, Textarea } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Run } from "@/api/generated";
import { reasonOf } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { bodyOf, type RunVersion, readInputs } from "./again";
import { useRunAgain } from "./use-run-again";

interface AgainDialogProps {
  run: Run;
  /** The published version of the workflow now. */
  published: number | null | undefined;
  onClose: () => void;
}

/** A new run with the inputs of an old one, to be changed first. */
export default function AgainDialog({ run, published, onClose }: AgainDialogProps) {
  const { t } = useTranslation("runs");
  const [text, setText] = useState(() => JSON.stringify(run.inputs, null, 2));
  const [version, setVersion] = useState<RunVersion>(run.version);
  const { again, isStarting, problem } = useRunAgain(run.workflow.id);
  const inputs = readInputs(text);
  const versions = [
    ...new Set<RunVersion>([run.version, ...(published ? [published] : []), "draft"]),
  ];
  const nameOf = (one: RunVersion) =>
    one === "draft" ? t("of_draft") : t("of_version", { version: one });
  return (
    <Dialog opened onClose={onClose} title={t("again.title")} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (inputs) void again(bodyOf(run, { version, inputs }));
        }}
      >
        <Stack>
          {problem && (
            <Alert color="red" title={problem.title}>
              {reasonOf(problem)}
            </Alert>
          )}
          <Select
            label={t("again.version")}
            data={versions.map((one) => ({ value: String(one), label: nameOf(one) }))}
            value={String(version)}
            onChange={(next) => {
              const found = versions.find((one) => String(one) === next);
              if (found !== undefined) setVersion(found);
            }}
            allowDeselect={false}
          />
          <Textarea
            label={t("inputs")}
            description={t("again.as_json")}
            error={inputs ? undefined : t("fork.no_json")}
            ff="monospace"
            autosize
            minRows={6}
            maxRows={18}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <DialogFoot onClose={onClose}>
            <Button
              type="submit"
              leftSection={<IconPlayerPlay size={16} />}
              loading={isStarting}
              disabled={!inputs}
            >
              {t("fork.start")}
            </Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
