import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCreateWorkspaceMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { useSwitchWorkspace } from "./use-switch-workspace";

const LONGEST_NAME = 80;

/** Makes a workspace whose owner the person is, and goes over to it. */
export default function NewWorkspace({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [create, { error, isLoading }] = useCreateWorkspaceMutation();
  const { enter, isBusy } = useSwitchWorkspace();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await create({ createWorkspace: { name: name.trim() } });
    if (!made.data) return;
    onClose();
    await enter(made.data.id, made.data.name);
  };
  return (
    <Dialog opened onClose={onClose} title={t("workspaces.create")}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t("workspaces.name")}
            description={t("workspaces.name_text")}
            data-autofocus
            maxLength={LONGEST_NAME}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {error && (
            <Alert color="red" role="alert">
              {isProblem(error) ? error.detail || error.title : t("states.broken")}
            </Alert>
          )}
          <DialogFoot onClose={onClose}>
            <Button type="submit" disabled={name.trim() === ""} loading={isLoading || isBusy}>
              {t("workspaces.make")}
            </Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
