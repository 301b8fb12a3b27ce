/** Says why the server would refuse a client a new secret; the server decides all the same. */
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { ApiClient } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import { hasEnded } from "../access/access";

/** Return whether the secret before the present one still works. */
export function hasTwoSecrets({ old_secret_until }: ApiClient): boolean {
  return old_secret_until !== null && new Date(old_secret_until) > new Date();
}

export function useRotationRefusal(): (client: ApiClient) => string | undefined {
  const { t } = useTranslation("settings");
  const { me } = useSelector(selectSession);
  return (client) => {
    if (client.created_by !== me?.user.email)
      return t("api_clients.of_another", { person: client.created_by });
    if (hasEnded(client)) return t("api_clients.has_ended");
    if (hasTwoSecrets(client)) return t("api_clients.is_rotating");
    return undefined;
  };
}
