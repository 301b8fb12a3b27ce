import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { blankSource } from "./new-source";
import { useWorkflowActions } from "./use-workflow-actions";

/** Begins a workflow from nothing but what it is to do. */
export function NewWorkflowDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("workflows");
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const { create } = useWorkflowActions();
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const made = await create(blankSource(text.trim()));
    if (isProblem(made.error)) setError(made.error.detail || made.error.title);
  };
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("new")} size="lg">
      <form onSubmit={submit}>
        <Stack>
          {error && <Alert color="red">{error}</Alert>}
          <TextInput
            label={t("what")}
            placeholder={t("what_example")}
            data-autofocus
            required
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <DialogFoot onClose={onClose}>
            <Button type="submit">{t("common:actions.create")}</Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
