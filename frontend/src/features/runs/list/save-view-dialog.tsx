import { Button, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
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
          <DialogFoot onClose={props.onClose}>
            <Button type="submit" disabled={!name.trim()}>
              {t("common:actions.save")}
            </Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
