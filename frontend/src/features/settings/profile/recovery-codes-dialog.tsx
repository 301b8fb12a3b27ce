import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRenewRecoveryCodesMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { PasswordStep } from "./password-step";
import { RecoveryCodeList } from "./recovery-code-list";

/** Makes new recovery codes; those before are worth nothing from then on. */
export function RecoveryCodesDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [renew] = useRenewRecoveryCodesMutation();
  const [codes, setCodes] = useState<string[]>();
  const close = () => {
    setCodes(undefined);
    onClose();
  };
  const submit = async (password: string) => {
    const done = await renew({ confirmPassword: { password } });
    if (done.data) setCodes(done.data.codes);
    return done;
  };
  return (
    <Dialog
      opened={isOpen}
      onClose={close}
      title={t("profile.totp.renew_codes")}
      closeOnClickOutside={!codes}
      closeOnEscape={!codes}
    >
      {codes ? (
        <RecoveryCodeList codes={codes} onDone={close} />
      ) : (
        <PasswordStep
          text={t("profile.totp.renew_text")}
          action={t("profile.totp.renew_codes")}
          onSubmit={submit}
          onClose={close}
        />
      )}
    </Dialog>
  );
}
