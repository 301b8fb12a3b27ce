import { useTranslation } from "react-i18next";
import { type ApiKey, useCreateApiKeyMutation, useRotateApiKeyMutation } from "@/api/generated";
import { NewAccessForm } from "../access/new-access-form";
import { RotationForm } from "../access/rotation-form";
import { OnceDialog } from "../parts/once-dialog";
import { ShownOnce } from "../parts/shown-once";

/** Makes a key, then shows it the only time. */
export function NewApiKeyDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [create, { data, reset }] = useCreateApiKeyMutation();
  const close = () => {
    reset();
    onClose();
  };
  return (
    <OnceDialog
      isOpen={isOpen}
      onClose={close}
      title={t(data ? "api_keys.made" : "api_keys.new")}
      made={data && <ShownOnce label={t("api_keys.key")} value={data.key} onDone={close} />}
    >
      <NewAccessForm
        words="api_keys"
        onSubmit={(wish) => create({ createApiKey: wish })}
        onClose={close}
      />
    </OnceDialog>
  );
}

/** Replaces a key by a new one, shown the only time; the old one works as long as is chosen here. */
export function RotateApiKeyDialog(props: { asked: ApiKey | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { asked } = props;
  const [rotate, { data, reset }] = useRotateApiKeyMutation();
  const close = () => {
    reset();
    props.onClose();
  };
  return (
    <OnceDialog
      isOpen={asked !== undefined}
      onClose={close}
      title={data ? t("api_keys.made") : t("access.rotate_title", { name: asked?.name })}
      made={data && <ShownOnce label={t("api_keys.key")} value={data.key} onDone={close} />}
    >
      <RotationForm
        label={t("api_keys.grace")}
        onSubmit={(grace_hours) => rotate({ keyId: asked?.id ?? "", body: { grace_hours } })}
        onClose={close}
      />
    </OnceDialog>
  );
}
