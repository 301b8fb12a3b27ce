import { ActionIcon, Skeleton } from "@mantine/core";
import { IconChevronLeft, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useListConversationsQuery } from "@/api/generated";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "./chat.module.css";
import { ConversationList } from "./conversation-list";
import { ConversationView } from "./conversation-view";
import { NewConversation } from "./new-conversation";

/** Conversations beside one of them; on a phone one of the two. */
export function ChatPage() {
  const { t } = useTranslation("chat");
  const { id } = useParams();
  const { data, error, isLoading, refetch } = useListConversationsQuery({ limit: 100 });
  return (
    <div className={styles.chat} data-open={id !== undefined || undefined}>
      <aside className={styles.side} aria-label={t("conversations")}>
        <header className={styles.sideHead}>
          <h1 className={styles.title}>{t("title")}</h1>
          <ActionIcon component={Link} to="/chat/new" size="lg" aria-label={t("new")}>
            <IconPlus size={18} />
          </ActionIcon>
        </header>
        {isLoading && <Skeleton height={200} />}
        {!isLoading && !data && <ErrorState error={error} onRetry={refetch} />}
        {data && <ConversationList items={data.items} chosen={id} />}
      </aside>
      <section className={styles.main} aria-label={t("conversation")}>
        {id !== undefined && (
          <ActionIcon
            component={Link}
            to="/chat"
            className={styles.back ?? ""}
            aria-label={t("back")}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
        )}
        {id === undefined || id === "new" ? (
          <NewConversation />
        ) : (
          <ConversationView key={id} id={id} />
        )}
      </section>
    </div>
  );
}
