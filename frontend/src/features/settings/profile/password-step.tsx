import { PasswordInput, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DialogForm, type Outcome } from "../parts/dialog-form";

/** Asks for the password again before something about signing in is changed. */
export function PasswordStep(props: {
  text: string;
  action: string;
  onSubmit: (password: string) => Outcome;
  onClose: () => void;
  isDangerous?: boolean;
}) {
  const { t } = useTranslation("settings");
  const [password, setPassword] = useState("");
  return (
    <DialogForm
      action={props.action}
      onSubmit={() => props.onSubmit(password)}
      onClose={props.onClose}
      isDangerous={props.isDangerous}
      isReady={password !== ""}
    >
      <Text size="md">{props.text}</Text>
      <PasswordInput
        label={t("profile.password.current")}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ "aria-label": t("profile.password.show") }}
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
