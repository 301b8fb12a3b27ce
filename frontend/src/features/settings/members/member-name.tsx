import { useTranslation } from "react-i18next";
import type { Member } from "@/api/generated";
import styles from "../parts/parts.module.css";

/** Who it is, and what is special about them. */
export function MemberName({ member, isSelf }: { member: Member; isSelf: boolean }) {
  const { t } = useTranslation("settings");
  return (
    <>
      <span className={styles.name}>
        {member.email} {isSelf && <span className={styles.muted}>({t("members.self")})</span>}
      </span>
      {member.suspended && (
        <span className={styles.tag} data-tone="waiting">
          {t("members.suspended")}
        </span>
      )}
      {member.disabled && (
        <span className={styles.tag} data-tone="bad">
          {t("members.disabled")}
        </span>
      )}
      <span className={styles.muted}>
        {t(member.second_factor ? "members.with_code" : "members.without_code")}
        {member.provider && ` · ${t("members.by_provider", { provider: member.provider })}`}
      </span>
    </>
  );
}
