import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { type UseFormReturn, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import styles from "./auth.module.css";
import { CodeField } from "./code-field";
import { refusalKey } from "./refusals";
import { type SignInFields, useSignIn } from "./use-sign-in";

interface Props {
  onSignedIn: () => void;
  email?: string;
}

/** E-mail and password, then the code of whoever wants one; a refusal tells nothing about who exists. */
export function SignInForm({ onSignedIn, email = "" }: Props) {
  const { t } = useTranslation("auth");
  const form = useForm<SignInFields>({ defaultValues: { email, password: "", code: "" } });
  const { signIn, problem, isCodeWanted, begin } = useSignIn(form, onSignedIn);
  const message = refusalKey(problem);
  return (
    <form className={styles.form} onSubmit={form.handleSubmit(signIn)} noValidate>
      {message && (
        <Alert color="red" role="alert">
          {t(message)}
        </Alert>
      )}
      {isCodeWanted ? <CodeField form={form} /> : <PasswordFields form={form} email={email} />}
      <Button type="submit" size="md" fullWidth loading={form.formState.isSubmitting}>
        {t("sign_in")}
      </Button>
      {isCodeWanted && (
        <Button variant="subtle" onClick={begin}>
          {t("code.back")}
        </Button>
      )}
    </form>
  );
}

function PasswordFields({ form, email }: { form: UseFormReturn<SignInFields>; email: string }) {
  const { t } = useTranslation("auth");
  const { errors } = form.formState;
  return (
    <>
      <TextInput
        label={t("email")}
        type="email"
        autoComplete="username"
        autoFocus={!email}
        error={errors.email && t("required")}
        {...form.register("email", { required: true })}
      />
      <PasswordInput
        label={t("password")}
        autoComplete="current-password"
        autoFocus={!!email}
        visibilityToggleButtonProps={{ "aria-label": t("show_password") }}
        error={errors.password && t("required")}
        {...form.register("password", { required: true })}
      />
    </>
  );
}
