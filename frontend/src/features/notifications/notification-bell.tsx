import { UnstyledButton } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import type { ComponentPropsWithRef } from "react";
import { useTranslation } from "react-i18next";
import { useListNotificationsQuery } from "@/api/generated";
import { usePerson } from "@/realtime/use-person";
import { EVERY_MS, NEWEST } from "./newest";
import styles from "./notifications.module.css";

const MOST_SHOWN = 99;

/** The bell with what is unread. */
export function NotificationBell(props: ComponentPropsWithRef<"button">) {
  const { t } = useTranslation();
  const { isTold } = usePerson();
  const { data } = useListNotificationsQuery(NEWEST, {
    pollingInterval: isTold ? 0 : EVERY_MS,
    skipPollingIfUnfocused: true,
  });
  const unread = data?.unread ?? 0;
  const count = unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(unread);
  const title = t("shell.notifications");
  const name = unread > 0 ? t("shell.unread", { count }) : title;
  return (
    <UnstyledButton
      aria-haspopup="dialog"
      {...props}
      className={styles.bell ?? ""}
      aria-label={name}
      title={name}
    >
      <IconBell size={19} stroke={1.7} aria-hidden />
      <span className={styles.label}>{title}</span>{" "}
      {unread > 0 && <span className={styles.count}>{count}</span>}
    </UnstyledButton>
  );
}
