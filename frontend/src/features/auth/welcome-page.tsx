import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type SetUpWrite, useSetUpMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import styles from "./auth.module.css";
import { AuthFrame } from "./auth-frame";
import { passwordFaultKey } from "./refusals";
import { useEnter } from "./use-enter";

/** Claims a fresh server: its first owner and workspace, with the token its operator has seen. */
export function WelcomePage() {
  const { t } = useTranslation("auth");
  const { register, handleSubmit, formState } = useForm<SetUpWrite>();
  const { claim, error } = useClaim();
  const problem = isProblem(error) ? error : undefined;
  const fault = (name: keyof SetUpWrite) =>
    (formState.errors[name] && t("required")) ||
    problem?.errors.find((one) => one.path.endsWith(name))?.message;
  const tooEasy = passwordFaultKey(problem);
  const rule = { required: true };
  return (
    <AuthFrame title={t("welcome")} text={t("welcome_text")}>
      <form className={styles.form} onSubmit={handleSubmit(claim)} noValidate>
        {problem && problem.errors.length === 0 && (
          <Alert color="red" role="alert">
            {problem.status === 409 ? t("already_set_up") : problem.detail || problem.title}
          </Alert>
        )}
        <TextInput
          label={t("workspace")}
          autoFocus
          error={fault("workspace")}
          {...register("workspace", rule)}
        />
        <TextInput
          label={t("email")}
          type="email"
          autoComplete="username"
          error={fault("email")}
          {...register("email", rule)}
        />
        <PasswordInput
          label={t("password")}
          description={t("password_rule")}
          autoComplete="new-password"
          error={tooEasy ? t(tooEasy) : fault("password")}
          {...register("password", { ...rule, minLength: 12 })}
        />
        <PasswordInput
          label={t("setup_token")}
          description={t("setup_token_text")}
          error={fault("setup_token")}
          {...register("setup_token", rule)}
        />
        <Button type="submit" size="md" fullWidth loading={formState.isSubmitting}>
          {t("create")}
        </Button>
      </form>
      <p className={styles.foot}>
        {t("have_account")} <Link to="/sign-in">{t("sign_in")}</Link>
      </p>
    </AuthFrame>
  );
}

function useClaim() {
  const enter = useEnter();
  const navigate = useNavigate();
  const [setUp, { error }] = useSetUpMutation();
  const claim = async (fields: SetUpWrite) => {
    const session = await setUp({ setUp: fields });
    if (!session.data) return;
    await enter(session.data);
    await navigate("/", { replace: true });
  };
  return { claim, error };
}
