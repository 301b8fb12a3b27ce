import { useTranslation } from "react-i18next";
import { useDisableTotpMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { PasswordStep } from "./password-step";

/** Switches the second factor off, for whoever knows the password. */
export function SwitchOffDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [disable] = useDisableTotpMutation();
  const submit = async (password: string) => {
    const done = await disable({ confirmPassword: { password } });
    if (!done.error) onClose();
    return done;
  };
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("profile.totp.switch_off")}>
      <PasswordStep
        text={t("profile.totp.off_text")}
        action={t("profile.totp.switch_off")}
        onSubmit={submit}
        onClose={onClose}
        isDangerous
      />
    </Dialog>
  );
}
