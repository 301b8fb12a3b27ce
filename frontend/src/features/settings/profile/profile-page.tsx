import { useTranslation } from "react-i18next";
import { Page } from "@/shared/ui/page";
import { useMe } from "../parts/use-me";
import { PasswordCard } from "./password-card";
import { SecondFactorCard } from "./second-factor-card";
import { SessionsCard } from "./sessions-card";

/** One's own account: how one signs in, and where one is signed in. */
export function ProfilePage() {
  const { t } = useTranslation("settings");
  const { me } = useMe();
  return (
    <Page title={t("nav.profile")} text={t("profile.text", { email: me?.user.email })}>
      <PasswordCard />
      <SecondFactorCard />
      <SessionsCard />
    </Page>
  );
}
