import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/ui/dialog";
import { LONGEST_NAME } from "./run-views";

/** Asks what a line is to be called. */
export function SaveViewDialog(props: { onSave: (name: string) => void; onClose: () => void }) {
  const { t } = useTranslation("runs");
  const [name, setName] = useState("");
  return (
    <Dialog opened onClose={props.onClose} title={t("views.save_title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onSave(name.trim());
          props.onClose();
        }}
      >
        <Stack>
          <TextInput
            label={t("views.name")}
            description={t("views.name_text")}
            maxLength={LONGEST_NAME}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              {t("common:actions.cancel")}
            </Button>
            <Button type="submit" disabled={!name.trim()}>
              {t("common:actions.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
