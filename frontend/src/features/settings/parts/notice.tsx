import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./parts.module.css";

/** Something to be read before one goes on: what failed, or what to take care of. */
export function Notice(props: {
  tone: "failed" | "waiting";
  title?: string;
  isUrgent?: boolean;
  children: ReactNode;
}) {
  return (
    <div
      className={styles.notice}
      data-tone={props.tone}
      role={props.isUrgent ? "alert" : undefined}
    >
      <IconAlertTriangle size={18} className={styles.noticeIcon} aria-hidden />
      <div>
        {props.title && <strong>{props.title}</strong>}
        {props.children}
      </div>
    </div>
  );
}
