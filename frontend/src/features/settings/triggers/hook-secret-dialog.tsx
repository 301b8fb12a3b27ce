import { Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMakeWebhookSecretMutation, type Webhook } from "@/api/generated";
import { DialogForm } from "../parts/dialog-form";
import { OnceDialog } from "../parts/once-dialog";
import { ShownOnce } from "../parts/shown-once";

/** Makes the signing secret of an address after asking, and shows it the only time. */
export function HookSecretDialog(props: { hook: Webhook; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [make] = useMakeWebhookSecretMutation();
  const [secret, setSecret] = useState("");
  const isNewer = props.hook.has_secret;
  const title = t(isNewer ? "triggers.renew" : "triggers.make");
  const close = () => {
    setSecret("");
    props.onClose();
  };
  const submit = async () => {
    const done = await make({ webhookId: props.hook.id });
    if (done.data) setSecret(done.data.secret);
    return done;
  };
  const made = secret && <ShownOnce label={t("triggers.secret")} value={secret} onDone={close} />;
  return (
    <OnceDialog isOpen={props.isOpen} title={title} made={made} onClose={close}>
      <DialogForm action={title} onSubmit={submit} onClose={close} isDangerous={isNewer}>
        <Text size="md">{t(isNewer ? "triggers.renew_text" : "triggers.make_text")}</Text>
      </DialogForm>
    </OnceDialog>
  );
}
