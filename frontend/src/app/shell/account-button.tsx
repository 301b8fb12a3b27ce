import { UnstyledButton } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import type { ComponentPropsWithRef } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { selectSession } from "@/api/session-slice";
import styles from "./account-menu.module.css";

/** Who is signed in, and where. */
export function AccountButton(props: ComponentPropsWithRef<"button">) {
  const { t } = useTranslation();
  const { me } = useSelector(selectSession);
  const email = me?.user.email ?? "";
  const workspace = me?.workspace.name ?? "";
  return (
    <UnstyledButton
      aria-haspopup="menu"
      {...props}
      className={styles.account ?? ""}
      aria-label={t("shell.account", { workspace, email })}
    >
      <span className={styles.avatar} data-letter={email.slice(0, 1).toUpperCase()} aria-hidden />
      <span className={styles.who}>
        <span className={styles.workspace}>{workspace}</span>{" "}
        <span className={styles.email}>{email}</span>
      </span>
      <IconSelector size={14} className={styles.hint} />
    </UnstyledButton>
  );
}
