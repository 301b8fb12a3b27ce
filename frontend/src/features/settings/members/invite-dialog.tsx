import { NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type InvitationCreated, useCreateInvitationMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { ShownOnce } from "../parts/shown-once";
import { RoleSelect } from "./role-select";

const MOST_DAYS = 30;

/** Invites somebody, then shows the link the only time, for whom the mail does not reach. */
export function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [made, setMade] = useState<InvitationCreated>();
  const close = () => {
    setMade(undefined);
    onClose();
  };
  return (
    <Dialog
      opened={isOpen}
      onClose={close}
      title={made ? t("members.invited", { email: made.email }) : t("members.invite")}
      closeOnClickOutside={!made}
      closeOnEscape={!made}
    >
      {made ? (
        <ShownOnce
          label={t("members.link")}
          value={made.link}
          text={t(made.mailed ? "members.mailed" : "members.not_mailed")}
          onDone={close}
        />
      ) : (
        <InviteForm onMade={setMade} onClose={close} />
      )}
    </Dialog>
  );
}

function InviteForm(props: { onMade: (made: InvitationCreated) => void; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [invite] = useCreateInvitationMutation();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("editor");
  const [days, setDays] = useState(7);
  const submit = async () => {
    const done = await invite({
      createInvitation: { email: email.trim(), role, expires_in_days: days },
    });
    if (done.data) props.onMade(done.data);
    return done;
  };
  return (
    <DialogForm
      action={t("members.invite")}
      onSubmit={submit}
      onClose={props.onClose}
      isReady={/^[^@\s]+@[^@\s]+$/.test(email.trim())}
    >
      <TextInput
        label={t("members.email")}
        type="email"
        autoComplete="off"
        data-autofocus
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <RoleSelect label={t("columns.role")} value={role} onChange={setRole} isLabelled />
      <NumberInput
        label={t("members.days")}
        min={1}
        max={MOST_DAYS}
        allowDecimal={false}
        value={days}
        onChange={(value) => setDays(Number(value) || 1)}
      />
    </DialogForm>
  );
}
