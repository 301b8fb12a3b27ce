import { Alert, Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import type { InvitationSeen } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import type { Problem } from "@/shared/lib/problem";
import styles from "./auth.module.css";
import { NewPasswordForm } from "./new-password-form";
import { ProviderLinks } from "./provider-links";
import { awayKey, isLinkRefused } from "./refusals";
import { SignInForm } from "./sign-in-form";
import { ADDRESS_TAKEN, useJoin } from "./use-join";

interface Props {
  seen: InvitationSeen;
  token: string;
  onRefused: (problem: Problem) => void;
}

/** Who joins: the person who is signed in, somebody new, or somebody who signs in first. */
export function InvitationChoices({ seen, token, onRefused }: Props) {
  const { t } = useTranslation("auth");
  const { status } = useSelector(selectSession);
  const [isSigningIn, setIsSigningIn] = useState(false);
  const { problem, join, makeAccount, leave } = useJoin(token, onRefused);
  if (status === "signed_in") {
    return <JoinAsMe seen={seen} problem={problem} onJoin={join} onLeave={leave} />;
  }
  const isTaken = problem?.type === ADDRESS_TAKEN;
  if (isSigningIn || isTaken) {
    return (
      <>
        {isTaken && <Alert mb={14}>{t("invitation.taken")}</Alert>}
        <SignInForm email={seen.email} onSignedIn={() => undefined} />
        <ProviderLinks next="/" isBeside />
        {!isTaken && <Other to="new_account" onClick={() => setIsSigningIn(false)} />}
      </>
    );
  }
  return (
    <>
      <NewPasswordForm
        label={t("invitation.password")}
        action={t("invitation.make")}
        email={seen.email}
        problem={problem}
        onSubmit={makeAccount}
      />
      <Other to="have_account" onClick={() => setIsSigningIn(true)} />
    </>
  );
}

function Other({ to, onClick }: { to: string; onClick: () => void }) {
  const { t } = useTranslation("auth");
  return (
    <Button variant="subtle" fullWidth mt={14} className={styles.wrapping ?? ""} onClick={onClick}>
      {t(`invitation.${to}`)}
    </Button>
  );
}

function JoinAsMe(props: {
  seen: InvitationSeen;
  problem: Problem | undefined;
  onJoin: () => Promise<void>;
  onLeave: () => Promise<void>;
}) {
  const { t } = useTranslation("auth");
  const { me } = useSelector(selectSession);
  const [isBusy, setIsBusy] = useState(false);
  const join = async () => {
    setIsBusy(true);
    await props.onJoin();
    setIsBusy(false);
  };
  const away = props.problem && !isLinkRefused(props.problem) && awayKey(props.problem);
  return (
    <div className={styles.form}>
      {away && (
        <Alert color="red" role="alert">
          {t(away)}
        </Alert>
      )}
      <p className={styles.aside}>{t("invitation.signed_in", { email: me?.user.email })}</p>
      <Button
        size="md"
        fullWidth
        className={styles.wrapping ?? ""}
        loading={isBusy}
        onClick={() => void join()}
      >
        {t("invitation.join", { workspace: props.seen.workspace.name })}
      </Button>
      <Other to="other" onClick={() => void props.onLeave()} />
    </div>
  );
}
