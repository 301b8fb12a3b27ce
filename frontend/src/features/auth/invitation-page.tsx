import { Alert, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "./auth.module.css";
import { AuthFrame } from "./auth-frame";
import { InvitationChoices } from "./invitation-choices";
import { awayKey } from "./refusals";
import { useInvitation } from "./use-invitation";
import { useLinkToken } from "./use-link-token";

/** Lets people in who were invited: with a new account, with one they have, or the one they are signed in to. */
export function InvitationPage() {
  const { t, i18n } = useTranslation("auth");
  const token = useLinkToken();
  const { seen, refusal, retry, refuse } = useInvitation(token);
  if (seen) {
    const until = new Date(seen.expires_at).toLocaleString(i18n.language, {
      dateStyle: "long",
      timeStyle: "short",
    });
    const role = t(`invitation.roles.${seen.role}`, { defaultValue: seen.role });
    const workspace = seen.workspace.name;
    const text = t("invitation.offer", { workspace, role, email: seen.email, until });
    return (
      <AuthFrame title={t("invitation.title")} text={text}>
        <InvitationChoices seen={seen} token={token} onRefused={refuse} />
      </AuthFrame>
    );
  }
  const isAway = refusal && awayKey(refusal);
  return (
    <AuthFrame title={t("invitation.title")} text={refusal ? "" : t("invitation.reading")}>
      {!refusal && <Loader aria-label={t("invitation.reading")} />}
      {refusal && isAway && <ErrorState error={refusal} onRetry={retry} />}
      {refusal && !isAway && (
        <Alert color="red" role="alert">
          {t("invitation.refused")}
        </Alert>
      )}
      {refusal && (
        <p className={styles.foot}>
          <Link to="/sign-in">{t("to_sign_in")}</Link>
        </p>
      )}
    </AuthFrame>
  );
}
