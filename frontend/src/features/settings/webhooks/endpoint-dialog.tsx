import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Endpoint,
  useCreateWebhookEndpointMutation,
  useReplaceWebhookEndpointMutation,
} from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { ShownOnce } from "../parts/shown-once";
import { type EndpointFields, EndpointFieldset } from "./endpoint-fieldset";

interface Props {
  edited: Endpoint | "new" | undefined;
  onClose: () => void;
}

/** Adds an address and shows its signing secret the only time, or changes one. */
export function EndpointDialog({ edited, onClose }: Props) {
  const { t } = useTranslation("settings");
  const [secret, setSecret] = useState("");
  const endpoint = edited === "new" ? undefined : edited;
  const close = () => {
    setSecret("");
    onClose();
  };
  const title = endpoint ? t("webhooks.edit_of", { url: endpoint.url }) : t("webhooks.new");
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={close}
      title={secret ? t("webhooks.made") : title}
      size="lg"
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
    >
      {secret ? (
        <ShownOnce label={t("webhooks.secret")} value={secret} onDone={close} />
      ) : (
        <EndpointForm endpoint={endpoint} onMade={setSecret} onClose={close} />
      )}
    </Dialog>
  );
}

function EndpointForm(props: {
  endpoint: Endpoint | undefined;
  onMade: (secret: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { endpoint, onMade, onClose } = props;
  const [create] = useCreateWebhookEndpointMutation();
  const [replace] = useReplaceWebhookEndpointMutation();
  const [fields, setFields] = useState<EndpointFields>({
    url: endpoint?.url ?? "",
    description: endpoint?.description ?? "",
    events: endpoint?.events ?? ["run_failed"],
    active: endpoint?.active ?? true,
  });
  const submit = async () => {
    const saveEndpoint = { ...fields, url: fields.url.trim() };
    if (endpoint) {
      const done = await replace({ endpointId: endpoint.id, saveEndpoint });
      if (!done.error) onClose();
      return done;
    }
    const made = await create({ saveEndpoint });
    if (made.data) onMade(made.data.secret);
    return made;
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={fields.url.trim() !== "" && fields.events.length > 0}
    >
      <EndpointFieldset fields={fields} onChange={setFields} />
    </DialogForm>
  );
}
