import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Conversation } from "@/api/generated";
import { ago } from "@/shared/lib/format";
import styles from "./chat.module.css";

export function ConversationList(props: { items: Conversation[]; chosen: string | undefined }) {
  const { t } = useTranslation("chat");
  if (props.items.length === 0) return <p className={styles.quiet}>{t("none_yet")}</p>;
  return (
    <ul className={styles.list}>
      {props.items.map((one) => (
        <li key={one.id}>
          <Link
            className={styles.row}
            to={`/chat/${one.id}`}
            aria-current={one.id === props.chosen ? "page" : undefined}
          >
            <span className={styles.rowTitle}>{one.title || t("untitled")}</span>
            <span className={styles.quiet}>
              {one.target.kind === "agent" ? one.target.agent : t("workflow")} ·{" "}
              <time dateTime={one.updated_at}>{ago(one.updated_at)}</time>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
