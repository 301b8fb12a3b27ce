import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ApiClientCreated } from "@/api/generated";
import { dateTime } from "@/shared/lib/format";
import { CopyLine, ShownOnce } from "../parts/shown-once";
import { hasTwoSecrets } from "./use-rotation-refusal";

/** The secret of a client, with what its program needs to ask for a token. */
export function MadeClient({ made, onDone }: { made: ApiClientCreated; onDone: () => void }) {
  const { t } = useTranslation("settings");
  const until = hasTwoSecrets(made) ? made.old_secret_until : null;
  return (
    <ShownOnce label={t("api_clients.secret")} value={made.client_secret} onDone={onDone}>
      {until && <Text size="sm">{t("api_clients.old_until", { until: dateTime(until) })}</Text>}
      <CopyLine label={t("api_clients.id")} value={made.id} />
      <CopyLine label={t("api_clients.request")} value={tokenRequest(made.id)} />
      <Text size="sm">{t("api_clients.request_text")}</Text>
    </ShownOnce>
  );
}

/** Return the line that gets a token; it names the secret by a variable, so that no history of a shell keeps it. */
function tokenRequest(clientId: string): string {
  const address = `${location.origin}/v1/oauth/token`;
  return `curl --user "${clientId}:$FLOWLOOM_CLIENT_SECRET" --data grant_type=client_credentials ${address}`;
}
