import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import styles from "./auth.module.css";
import { AuthFrame } from "./auth-frame";
import { ownPath } from "./own-path";
import { ProviderLinks } from "./provider-links";
import { providerRefusalKey } from "./refusals";
import { SignInForm } from "./sign-in-form";

export function SignInPage() {
  const { t } = useTranslation("auth");
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const next = ownPath(search.get("next"));
  const refusal = providerRefusalKey(search.get("problem"));
  return (
    <AuthFrame title={t("title")} text={t("text")}>
      {refusal && (
        <Alert color="red" role="alert" mb={14}>
          {t(refusal)}
        </Alert>
      )}
      <SignInForm onSignedIn={() => navigate(next, { replace: true })} />
      <ProviderLinks next={next} />
      <p className={styles.foot}>
        <Link to="/forgot-password">{t("forgot.link")}</Link>
      </p>
      <p className={styles.foot}>
        {t("new_server")} <Link to="/welcome">{t("set_up")}</Link>
      </p>
    </AuthFrame>
  );
}
