import { Alert, Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useResetPasswordMutation } from "@/api/generated";
import { isProblem, type Problem } from "@/shared/lib/problem";
import styles from "./auth.module.css";
import { AuthFrame } from "./auth-frame";
import { NewPasswordForm } from "./new-password-form";
import { isLinkRefused, isLinkToken } from "./refusals";
import { useLinkToken } from "./use-link-token";

/** Chooses a password with the link of a mail; nobody is signed in by it. */
export function ResetPasswordPage() {
  const { t } = useTranslation("auth");
  const token = useLinkToken();
  const [reset, { error, isSuccess }] = useResetPasswordMutation();
  const problem: Problem | undefined = isProblem(error) ? error : undefined;
  const isRefused = !isLinkToken(token) || isLinkRefused(problem);
  const save = async (password: string) => {
    await reset({ resetPassword: { token, password } });
  };
  return (
    <AuthFrame title={t("reset.title")} text={t("reset.text")}>
      {isSuccess ? (
        <Said color="green" text={t("reset.done")} to="/sign-in" action={t("to_sign_in")} />
      ) : isRefused ? (
        <Said color="red" text={t("reset.refused")} to="/forgot-password" action={t("reset.ask")} />
      ) : (
        <NewPasswordForm
          label={t("reset.password")}
          action={t("reset.save")}
          problem={problem}
          onSubmit={save}
        />
      )}
    </AuthFrame>
  );
}

function Said(props: { color: string; text: string; to: string; action: string }) {
  return (
    <div className={styles.form}>
      <Alert color={props.color} role="alert">
        {props.text}
      </Alert>
      <Button component={Link} to={props.to} size="md" fullWidth>
        {props.action}
      </Button>
    </div>
  );
}
