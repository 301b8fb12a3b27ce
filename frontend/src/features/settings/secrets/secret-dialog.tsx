import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSaveSecretMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { tellDone } from "../parts/tell";

/** Takes a value for a new secret, or the next value of one that is there (`edited` is its name). */
export function SecretDialog(props: { edited: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { edited, onClose } = props;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      title={edited ? t("secrets.rotate_of", { name: edited }) : t("secrets.new")}
    >
      <SecretForm name={edited ?? ""} onClose={onClose} />
    </Dialog>
  );
}

function SecretForm({ name: known, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [save] = useSaveSecretMutation();
  const [name, setName] = useState(known);
  const [value, setValue] = useState("");
  const submit = async () => {
    const done = await save({ name: encodeURIComponent(name.trim()), saveSecret: { value } });
    if (!done.error) {
      tellDone(t("secrets.saved", { name: name.trim() }));
      onClose();
    }
    return done;
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={name.trim() !== "" && value !== ""}
    >
      {!known && (
        <TextInput
          label={t("columns.name")}
          description={t("secrets.name_text")}
          data-autofocus
          required
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={t(known ? "secrets.next_value" : "secrets.value")}
        description={t("secrets.value_text")}
        {...(known ? { "data-autofocus": true } : {})}
        required
        autosize
        minRows={2}
        maxRows={8}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
