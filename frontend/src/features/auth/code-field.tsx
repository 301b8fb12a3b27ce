import { TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import styles from "./auth.module.css";
import type { SignInFields } from "./use-sign-in";

/** The second factor: a code of the authenticator, or one of the codes that were written down for this. */
export function CodeField({ form }: { form: UseFormReturn<SignInFields> }) {
  const { t } = useTranslation("auth");
  const [kind, setKind] = useState<"app" | "recovery">("app");
  const other = kind === "app" ? "recovery" : "app";
  const change = () => {
    form.setValue("code", "");
    form.clearErrors();
    setKind(other);
    form.setFocus("code");
  };
  return (
    <>
      <TextInput
        label={t(`code.${kind}`)}
        description={t(`code.${kind}_text`)}
        autoFocus
        data-autofocus
        autoComplete={kind === "app" ? "one-time-code" : "off"}
        inputMode={kind === "app" ? "numeric" : "text"}
        autoCapitalize="off"
        spellCheck={false}
        maxLength={40}
        error={form.formState.errors.code && t("required")}
        {...form.register("code", { required: true })}
      />
      <UnstyledButton className={styles.other ?? ""} onClick={change}>
        {t(`code.use_${other}`)}
      </UnstyledButton>
    </>
  );
}
