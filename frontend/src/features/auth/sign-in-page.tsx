import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import styles from "./auth.module.css";
import { AuthFrame } from "./auth-frame";
import { SignInForm } from "./sign-in-form";

export function SignInPage() {
  const { t } = useTranslation("auth");
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const next = ownPath(search.get("next"));
  return (
    <AuthFrame title={t("title")} text={t("text")}>
      <SignInForm onSignedIn={() => navigate(next, { replace: true })} />
      <p className={styles.foot}>
        {t("new_server")} <Link to="/welcome">{t("set_up")}</Link>
      </p>
    </AuthFrame>
  );
}

/** Return a path of this application; an address of somebody else's is not followed. */
export function ownPath(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/";
}
