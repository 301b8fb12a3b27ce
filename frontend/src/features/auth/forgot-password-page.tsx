import { Alert, Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useForgetPasswordMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import styles from "./auth.module.css";
import { AuthFrame } from "./auth-frame";
import { awayKey } from "./refusals";

/** Asks for a link by mail; the answer is the same whether somebody has that address or not. */
export function ForgotPasswordPage() {
  const { t } = useTranslation("auth");
  const { register, handleSubmit, formState } = useForm<{ email: string }>();
  const [ask, { error }] = useForgetPasswordMutation();
  const [isSent, setIsSent] = useState(false);
  const away = isProblem(error) ? (awayKey(error) ?? "unreachable") : undefined;
  const send = async ({ email }: { email: string }) => {
    const done = await ask({ forgottenPassword: { email: email.trim() } });
    setIsSent(!done.error);
  };
  return (
    <AuthFrame title={t("forgot.title")} text={t("forgot.text")}>
      <form className={styles.form} onSubmit={handleSubmit(send)} noValidate>
        {away && (
          <Alert color="red" role="alert">
            {t(away)}
          </Alert>
        )}
        <output className={styles.told}>
          {isSent && (
            <Alert color="green">
              {t("forgot.sent")} {t("forgot.again")}
            </Alert>
          )}
        </output>
        <TextInput
          label={t("email")}
          type="email"
          autoComplete="username"
          autoFocus
          error={formState.errors.email && t("required")}
          {...register("email", { required: true, minLength: 3, maxLength: 254 })}
        />
        <Button
          type="submit"
          size="md"
          fullWidth
          variant={isSent ? "default" : "filled"}
          loading={formState.isSubmitting}
        >
          {t(isSent ? "forgot.resend" : "forgot.send")}
        </Button>
      </form>
      <p className={styles.foot}>
        <Link to="/sign-in">{t("to_sign_in")}</Link>
      </p>
    </AuthFrame>
  );
}
