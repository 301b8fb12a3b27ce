import { useTranslation } from "react-i18next";
import type { Member } from "@/api/generated";
import { LineActions } from "../parts/line-actions";

export function MemberActions(props: {
  member: Member;
  may: boolean;
  /** An account is its person's own affair as well. */
  isSelf: boolean;
  onSuspend: (suspended: boolean) => void;
  onEnable: () => void;
  onDisable: () => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("settings");
  const { member, may } = props;
  const { email, suspended, disabled } = member;
  return (
    <LineActions
      may={may}
      actions={[
        {
          text: t(suspended ? "members.let_in" : "members.suspend"),
          label: t(suspended ? "members.let_in_of" : "members.suspend_of", { email }),
          onClick: () => props.onSuspend(!suspended),
        },
        {
          text: t(disabled ? "members.enable" : "members.disable"),
          label: t(disabled ? "members.enable_of" : "members.disable_of", { email }),
          why: props.isSelf ? t("members.own_account") : undefined,
          onClick: disabled ? props.onEnable : props.onDisable,
        },
        {
          text: t("members.remove"),
          label: t("members.remove_of", { email }),
          onClick: props.onRemove,
        },
      ]}
    />
  );
}
