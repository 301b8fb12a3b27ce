import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Endpoint,
  useCreateWebhookEndpointMutation,
  useLazyListWebhookEndpointsQuery,
  useReplaceWebhookEndpointMutation,
} from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { foundInList } from "../parts/found-in-list";
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
  const { onMade, onClose } = props;
  const [create] = useCreateWebhookEndpointMutation();
  const [replace] = useReplaceWebhookEndpointMutation();
  const form = useEndpointFields(props.endpoint, onClose);
  const { base: endpoint, fields, setFields } = form;
  const submit = async () => {
    const saveEndpoint = { ...fields, url: fields.url.trim() };
    if (endpoint) {
      const { id, etag } = endpoint;
      const done = await replace({ endpointId: id, "if-match": etag, saveEndpoint });
      if (!done.error) onClose();
      return form.settle(done);
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
      conflict={form.conflict}
      labelOf={(field) => t(`webhooks.${field}`)}
    >
      <EndpointFieldset fields={fields} onChange={setFields} />
    </DialogForm>
  );
}

/** What stands in the form; when somebody else was faster, beside what they saved. */
function useEndpointFields(endpoint: Endpoint | undefined, onClose: () => void) {
  const [read] = useLazyListWebhookEndpointsQuery();
  return useMerging<Endpoint | undefined, EndpointFields>({
    loaded: endpoint,
    fieldsOf: (one) => ({
      url: one?.url ?? "",
      description: one?.description ?? "",
      events: one?.events ?? ["run_failed"],
      active: one?.active ?? true,
    }),
    read: () => foundInList(read, ({ id }) => id === endpoint?.id),
    onGone: onClose,
  });
}
