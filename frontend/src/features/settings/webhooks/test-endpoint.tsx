import { useTranslation } from "react-i18next";
import { type Endpoint, useTestWebhookEndpointMutation } from "@/api/generated";
import { MayButton } from "../parts/may-button";
import { ProblemAlert } from "../parts/problem-alert";

/** Sends a call that says it is a test. */
export function TestEndpoint(props: { endpoint: Endpoint; may: boolean; onSent: () => void }) {
  const { t } = useTranslation("settings");
  const { id, url } = props.endpoint;
  const [test, { error, isLoading }] = useTestWebhookEndpointMutation();
  const send = async () => {
    const done = await test({ endpointId: id });
    if (!done.error) props.onSent();
  };
  return (
    <>
      <MayButton
        may={props.may}
        variant="default"
        size="xs"
        loading={isLoading}
        aria-label={t("webhooks.test_of", { url })}
        onClick={() => void send()}
      >
        {t("webhooks.test")}
      </MayButton>
      <ProblemAlert error={error} />
    </>
  );
}
