import { useTranslation } from "react-i18next";
import type { Member } from "@/api/generated";
import { MayButton } from "../parts/may-button";
import styles from "../parts/parts.module.css";

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
    <div className={styles.actions}>
      <MayButton
        may={may}
        variant="default"
        size="xs"
        aria-label={t(suspended ? "members.let_in_of" : "members.suspend_of", { email })}
        onClick={() => props.onSuspend(!suspended)}
      >
        {t(suspended ? "members.let_in" : "members.suspend")}
      </MayButton>
      <MayButton
        may={may}
        variant="default"
        size="xs"
        aria-label={t("members.remove_of", { email })}
        onClick={props.onRemove}
      >
        {t("members.remove")}
      </MayButton>
    </div>
  );
}
