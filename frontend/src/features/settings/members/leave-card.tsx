import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLeaveWorkspaceMutation } from "@/api/generated";
import { ConfirmDialog } from "../parts/confirm-dialog";
import styles from "../parts/parts.module.css";
import { useMe } from "../parts/use-me";

/** The way out of a workspace, for everybody but its last owner, which the server knows. */
export function LeaveCard() {
  const { t } = useTranslation("settings");
  const { me, leave } = useMe();
  const [isAsked, setIsAsked] = useState(false);
  const [leaveWorkspace] = useLeaveWorkspaceMutation();
  const confirm = async () => {
    const done = await leaveWorkspace();
    if (!done.error) leave();
    return done;
  };
  const name = me?.workspace.name;
  return (
    <section className={styles.card} aria-label={t("members.leave")}>
      <div className={styles.cardHead}>
        <p className={styles.cardText}>{t("members.leave_text")}</p>
        <Button variant="default" onClick={() => setIsAsked(true)}>
          {t("members.leave")}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsked}
        title={t("members.leave_title", { name })}
        action={t("members.leave")}
        onConfirm={confirm}
        onClose={() => setIsAsked(false)}
      >
        {t("members.leave_sure")}
      </ConfirmDialog>
    </section>
  );
}
