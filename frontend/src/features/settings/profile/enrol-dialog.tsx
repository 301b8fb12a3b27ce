import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type SecondFactorBegun,
  useBeginTotpMutation,
  useConfirmTotpMutation,
} from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { CopyLine } from "../parts/shown-once";
import { PasswordStep } from "./password-step";
import styles from "./profile.module.css";
import { RecoveryCodeList } from "./recovery-code-list";

/** Switches the second factor on: password, picture and code, then the recovery codes. */
export function EnrolDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [begun, setBegun] = useState<SecondFactorBegun>();
  const [codes, setCodes] = useState<string[]>();
  const close = () => {
    setBegun(undefined);
    setCodes(undefined);
    onClose();
  };
  return (
    <Dialog
      opened={isOpen}
      onClose={close}
      title={t(codes ? "profile.totp.codes" : "profile.totp.switch_on")}
      closeOnClickOutside={false}
      closeOnEscape={!codes}
    >
      {codes ? (
        <RecoveryCodeList codes={codes} onDone={close} />
      ) : begun ? (
        <CodeStep begun={begun} onConfirmed={setCodes} onClose={close} />
      ) : (
        <BeginStep onBegun={setBegun} onClose={close} />
      )}
    </Dialog>
  );
}

function BeginStep(props: { onBegun: (begun: SecondFactorBegun) => void; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [begin] = useBeginTotpMutation();
  const submit = async (password: string) => {
    const done = await begin({ confirmPassword: { password } });
    if (done.data) props.onBegun(done.data);
    return done;
  };
  return (
    <PasswordStep
      text={t("profile.totp.begin_text")}
      action={t("profile.totp.next")}
      onSubmit={submit}
      onClose={props.onClose}
    />
  );
}

function CodeStep(props: {
  begun: SecondFactorBegun;
  onConfirmed: (codes: string[]) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const [confirm] = useConfirmTotpMutation();
  const [code, setCode] = useState("");
  const { qr_svg, secret } = props.begun;
  const submit = async () => {
    const done = await confirm({ confirmCode: { code } });
    if (done.data) props.onConfirmed(done.data.codes);
    return done;
  };
  return (
    <DialogForm
      action={t("profile.totp.confirm")}
      onSubmit={submit}
      onClose={props.onClose}
      isReady={/^\d{6}$/.test(code)}
    >
      <p className={styles.text}>{t("profile.totp.scan")}</p>
      <img
        className={styles.picture}
        src={`data:image/svg+xml,${encodeURIComponent(qr_svg)}`}
        alt={t("profile.totp.picture")}
      />
      <CopyLine label={t("profile.totp.secret")} value={secret} />
      <TextInput
        label={t("profile.totp.code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        data-autofocus
        required
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
      />
    </DialogForm>
  );
}
