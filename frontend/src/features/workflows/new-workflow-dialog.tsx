import { Alert, Button, Stack, Textarea } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/api/use-may";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { blankSource } from "./new-source";
import { useWorkflowActions } from "./use-workflow-actions";

const DESCRIBE = "describe";

/** Begins a workflow from nothing but what it is to do. */
export function NewWorkflowDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("workflows");
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const { create } = useWorkflowActions();
  const mayAsk = useMay("runs:start");
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const wish = text.trim();
    const isDescribed = submitter instanceof HTMLButtonElement && submitter.value === DESCRIBE;
    const made = await create(blankSource(wish.slice(0, 80)), {}, isDescribed ? wish : undefined);
    if (isProblem(made.error)) setError(made.error.detail || made.error.title);
  };
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("new")} size="lg">
      <form onSubmit={submit}>
        <Stack>
          {error && <Alert color="red">{error}</Alert>}
          <Textarea
            autosize
            minRows={2}
            maxLength={4_000}
            label={t("what")}
            placeholder={t("what_example")}
            data-autofocus
            required
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <DialogFoot onClose={onClose}>
            {mayAsk && (
              <Button
                type="submit"
                variant="default"
                value={DESCRIBE}
                leftSection={<IconSparkles size={16} />}
              >
                {t("describe")}
              </Button>
            )}
            <Button type="submit">{t("common:actions.create")}</Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
