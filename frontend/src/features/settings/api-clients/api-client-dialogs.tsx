import { useTranslation } from "react-i18next";
import {
  type ApiClient,
  useCreateApiClientMutation,
  useRotateApiClientMutation,
} from "@/api/generated";
import { NewAccessForm } from "../access/new-access-form";
import { RotationForm } from "../access/rotation-form";
import { OnceDialog } from "../parts/once-dialog";
import { MadeClient } from "./made-client";

/** Makes a client, then shows its secret the only time. */
export function NewApiClientDialog(props: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [create, { data, reset }] = useCreateApiClientMutation();
  const close = () => {
    reset();
    props.onClose();
  };
  return (
    <OnceDialog
      isOpen={props.isOpen}
      onClose={close}
      title={t(data ? "api_clients.made" : "api_clients.new")}
      made={data && <MadeClient made={data} onDone={close} />}
    >
      <NewAccessForm
        words="api_clients"
        onSubmit={(wish) => create({ createApiClient: wish })}
        onClose={close}
      />
    </OnceDialog>
  );
}

/** Gives a client a new secret, shown the only time; its id stays, the old secret works as long as is chosen here. */
export function RotateApiClientDialog(props: {
  asked: ApiClient | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { asked } = props;
  const [rotate, { data, reset }] = useRotateApiClientMutation();
  const close = () => {
    reset();
    props.onClose();
  };
  return (
    <OnceDialog
      isOpen={asked !== undefined}
      onClose={close}
      title={data ? t("api_clients.rotated") : t("access.rotate_title", { name: asked?.name })}
      made={data && <MadeClient made={data} onDone={close} />}
    >
      <RotationForm
        label={t("api_clients.grace")}
        onSubmit={(grace_hours) => rotate({ clientId: asked?.id ?? "", body: { grace_hours } })}
        onClose={close}
      />
    </OnceDialog>
  );
}
