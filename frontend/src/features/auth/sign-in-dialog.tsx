import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { selectSession } from "@/api/session-slice";
import { ProviderLinks } from "./provider-links";
import { SignInForm } from "./sign-in-form";
import { useSignInElsewhere } from "./use-sign-in-elsewhere";

/** The session ended in the middle of work: sign in over the page, everything stays where it is. */
export default function SignInDialog() {
  const { t } = useTranslation("auth");
  const { me } = useSelector(selectSession);
  useSignInElsewhere();
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      title={t("expired")}
    >
      <p>{t("expired_text")}</p>
      <SignInForm email={me?.user.email ?? ""} onSignedIn={() => undefined} />
      <ProviderLinks next="/" isBeside />
    </Modal>
  );
}
