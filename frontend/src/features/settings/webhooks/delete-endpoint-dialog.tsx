import { useTranslation } from "react-i18next";
import { type Endpoint, useDeleteWebhookEndpointMutation } from "@/api/generated";
import { ConfirmDialog } from "../parts/confirm-dialog";

export function DeleteEndpointDialog(props: {
  endpoint: Endpoint;
  isOpen: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { id, url } = props.endpoint;
  const [remove] = useDeleteWebhookEndpointMutation();
  return (
    <ConfirmDialog
      isOpen={props.isOpen}
      title={t("webhooks.delete_title", { url })}
      action={t("common:actions.delete")}
      onConfirm={() => remove({ endpointId: id })}
      onClose={props.onClose}
    >
      {t("webhooks.delete_text")}
    </ConfirmDialog>
  );
}
