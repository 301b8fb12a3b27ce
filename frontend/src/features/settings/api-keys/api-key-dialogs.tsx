import { useTranslation } from "react-i18next";
import { type ApiKey, useCreateApiKeyMutation, useRotateApiKeyMutation } from "@/api/generated";
import { NewAccessDialog, RotateAccessDialog } from "../access/access-dialogs";
import { ShownOnce } from "../parts/shown-once";

/** Makes a key. */
export function NewApiKeyDialog(props: { isOpen: boolean; onClose: () => void }) {
  const [create, { data, reset }] = useCreateApiKeyMutation();
  return (
    <NewAccessDialog
      {...props}
      words="api_keys"
      made={data && ((onDone) => <MadeKey value={data.key} onDone={onDone} />)}
      reset={reset}
      onCreate={(createApiKey) => create({ createApiKey })}
    />
  );
}

/** Replaces a key by a new one. */
export function RotateApiKeyDialog(props: { asked: ApiKey | undefined; onClose: () => void }) {
  const [rotate, { data, reset }] = useRotateApiKeyMutation();
  return (
    <RotateAccessDialog
      {...props}
      words="api_keys"
      made={data && ((onDone) => <MadeKey value={data.key} onDone={onDone} />)}
      reset={reset}
      onRotate={(keyId, grace_hours) => rotate({ keyId, body: { grace_hours } })}
    />
  );
}

function MadeKey(props: { value: string; onDone: () => void }) {
  const { t } = useTranslation("settings");
  return <ShownOnce label={t("api_keys.key")} {...props} />;
}
