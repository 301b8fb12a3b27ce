import { Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Secret, useLazyListSecretsQuery, useSaveSecretMutation } from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { foundInList } from "../parts/found-in-list";
import { tellDone } from "../parts/tell";

export type EditedSecret = Secret | "new";

/** The list is read again for one secret; there are hardly more. */
const MOST = 200;

/** Takes a value for a new secret, or the next value of one that is there. */
export function SecretDialog(props: { edited: EditedSecret | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { edited, onClose } = props;
  const known = edited === "new" ? undefined : edited;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      title={known ? t("secrets.rotate_of", { name: known.name }) : t("secrets.new")}
    >
      <SecretForm known={known} onClose={onClose} />
    </Dialog>
  );
}

function SecretForm(props: { known: Secret | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { onClose } = props;
  const [save] = useSaveSecretMutation();
  const form = useSecretFields(props.known, onClose);
  const { base: known, fields, setFields } = form;
  const name = fields.name.trim();
  const submit = async () => {
    const over = known ? { "if-match": known.etag } : { "if-none-match": "*" as const };
    const saveSecret = { value: fields.value };
    const done = await save({ name: encodeURIComponent(name), saveSecret, ...over });
    if (!done.error) {
      tellDone(t("secrets.saved", { name }));
      onClose();
    }
    return known ? form.settle(done) : done;
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={name !== "" && fields.value !== ""}
      conflict={form.conflict}
    >
      {!known && (
        <TextInput
          label={t("columns.name")}
          description={t("secrets.name_text")}
          data-autofocus
          required
          autoComplete="off"
          value={fields.name}
          onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
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
        value={fields.value}
        onChange={(event) => setFields({ ...fields, value: event.currentTarget.value })}
      />
    </DialogForm>
  );
}

/** What stands in the form; a value that somebody else saved meanwhile can be replaced after a look. */
function useSecretFields(known: Secret | undefined, onClose: () => void) {
  const [read] = useLazyListSecretsQuery();
  return useMerging<Secret | undefined, { name: string; value: string }>({
    loaded: known,
    fieldsOf: (secret) => ({ name: secret?.name ?? "", value: "" }),
    read: () =>
      foundInList(
        () => read({ limit: MOST }),
        ({ name }) => name === known?.name,
      ),
    onGone: onClose,
  });
}
