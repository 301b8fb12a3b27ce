import { useTranslation } from "react-i18next";
import type { Member } from "@/api/generated";
import { LineActions } from "../parts/line-actions";

export function MemberActions(props: {
  member: Member;
  may: boolean;
  onSuspend: (suspended: boolean) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("settings");
  const { member, may } = props;
  const { email, suspended } = member;
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
          text: t("members.remove"),
          label: t("members.remove_of", { email }),
          onClick: props.onRemove,
        },
      ]}
    />
  );
}
