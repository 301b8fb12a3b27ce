import { Alert, Button, PasswordInput } from "@mantine/core";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/shared/lib/problem";
import styles from "./auth.module.css";
import { awayKey, passwordFaultKey } from "./refusals";

const LEAST_LENGTH = 12;

interface Props {
  label: string;
  action: string;
  /** Whose password it is, for what remembers passwords. */
  email?: string;
  /** Why the last one was not taken. */
  problem: Problem | undefined;
  onSubmit: (password: string) => Promise<void>;
}

/** One password, chosen anew; it can be looked at, so it is typed once. */
export function NewPasswordForm({ label, action, email, problem, onSubmit }: Props) {
  const { t } = useTranslation("auth");
  const { register, handleSubmit, formState } = useForm<{ password: string }>();
  const isShort = formState.errors.password && "password_fault.too_short";
  const fault = isShort ?? passwordFaultKey(problem);
  const away = problem && awayKey(problem);
  return (
    <form
      className={styles.form}
      onSubmit={handleSubmit(({ password }) => onSubmit(password))}
      noValidate
    >
      {away && (
        <Alert color="red" role="alert">
          {t(away)}
        </Alert>
      )}
      {email && <input type="hidden" autoComplete="username" value={email} readOnly />}
      <PasswordInput
        label={label}
        description={t("password_rule")}
        autoComplete="new-password"
        autoFocus
        visibilityToggleButtonProps={{ "aria-label": t("show_password") }}
        error={fault && t(fault)}
        {...register("password", { required: true, minLength: LEAST_LENGTH, maxLength: 256 })}
      />
      <Button type="submit" size="md" fullWidth loading={formState.isSubmitting}>
        {action}
      </Button>
    </form>
  );
}
