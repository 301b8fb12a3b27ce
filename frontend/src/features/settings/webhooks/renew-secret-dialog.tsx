import { Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Endpoint, useRenewWebhookEndpointSecretMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { ShownOnce } from "../parts/shown-once";

/** Makes a new signing secret after asking, and shows it the only time. */
export function RenewSecretDialog(props: {
  endpoint: Endpoint;
  isOpen: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const [renew] = useRenewWebhookEndpointSecretMutation();
  const [secret, setSecret] = useState("");
  const close = () => {
    setSecret("");
    props.onClose();
  };
  const submit = async () => {
    const done = await renew({ endpointId: props.endpoint.id });
    if (done.data) setSecret(done.data.secret);
    return done;
  };
  return (
    <Dialog
      opened={props.isOpen}
      onClose={close}
      title={t("webhooks.renew")}
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
    >
      {secret ? (
        <ShownOnce label={t("webhooks.secret")} value={secret} onDone={close} />
      ) : (
        <DialogForm action={t("webhooks.renew")} onSubmit={submit} onClose={close} isDangerous>
          <Text size="md">{t("webhooks.renew_text")}</Text>
        </DialogForm>
      )}
    </Dialog>
  );
}
