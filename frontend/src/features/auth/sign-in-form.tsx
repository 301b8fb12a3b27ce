import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { keepToken } from "@/api/access-token";
import { api } from "@/api/api";
import { useLogInMutation } from "@/api/generated";
import { signedIn } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem } from "@/shared/lib/problem";
import styles from "./auth.module.css";

interface Fields {
  email: string;
  password: string;
}

/** E-mail and password; every refusal reads the same, so that it tells nothing about who exists. */
export function SignInForm({ onSignedIn, email }: { onSignedIn: () => void; email?: string }) {
  const { t } = useTranslation("auth");
  const { register, handleSubmit, formState } = useForm<Fields>({
    defaultValues: { email: email ?? "" },
  });
  const { signIn, error } = useSignIn(onSignedIn);
  const message = isProblem(error) ? messageKey(error.status) : undefined;
  return (
    <form className={styles.form} onSubmit={handleSubmit(signIn)} noValidate>
      {message && (
        <Alert color="red" role="alert">
          {t(message)}
        </Alert>
      )}
      <TextInput
        label={t("email")}
        type="email"
        autoComplete="username"
        autoFocus={!email}
        error={formState.errors.email && t("required")}
        {...register("email", { required: true })}
      />
      <PasswordInput
        label={t("password")}
        autoComplete="current-password"
        autoFocus={!!email}
        visibilityToggleButtonProps={{ "aria-label": t("show_password") }}
        error={formState.errors.password && t("required")}
        {...register("password", { required: true })}
      />
      <Button type="submit" size="md" fullWidth loading={formState.isSubmitting}>
        {t("sign_in")}
      </Button>
    </form>
  );
}

function messageKey(status: number): string {
  if (status === 0) return "unreachable";
  if (status === 429) return "too_often";
  return status >= 500 ? "unreachable" : "refused";
}

function useSignIn(onSignedIn: () => void) {
  const dispatch = useAppDispatch();
  const [logIn, { error }] = useLogInMutation();
  const signIn = async (logInBody: Fields) => {
    const session = await logIn({ logIn: logInBody });
    if (!session.data) return;
    keepToken(session.data);
    const me = await dispatch(api.endpoints.describeMe.initiate(undefined, { forceRefetch: true }));
    if (!me.data) return;
    dispatch(signedIn(me.data));
    onSignedIn();
  };
  return { signIn, error };
}
