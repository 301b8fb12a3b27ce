import { Skeleton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useGetConversationQuery } from "@/api/generated";
import { ErrorState } from "@/shared/ui/error-state";
import { wayThrough } from "./branch";
import styles from "./chat.module.css";
import { Composer } from "./composer";
import { ConversationHead } from "./conversation-head";
import { MessageItem } from "./message-item";
import { useEnd } from "./use-end";
import { useMessages } from "./use-messages";

/** One way through a conversation, and a place to go on with it. */
export function ConversationView({ id }: { id: string }) {
  const { t } = useTranslation("chat");
  const conversation = useGetConversationQuery({ conversationId: id });
  const { messages, error, isLoading, refetch } = useMessages(id);
  const [chosen, setChosen] = useState<string | null>(null);
  const { list, end, toEnd } = useEnd();
  if (conversation.isLoading || isLoading) return <Skeleton height={320} radius="lg" />;
  if (!conversation.data || !messages) {
    const retry = () => {
      void conversation.refetch();
      refetch();
    };
    return <ErrorState error={conversation.error ?? error} onRetry={retry} />;
  }
  const way = wayThrough(messages, chosen);
  const answers = way.filter(({ message }) => message.role === "assistant");
  return (
    <>
      <ConversationHead conversation={conversation.data} />
      <ol ref={list} className={styles.messages} aria-label={t("messages")}>
        {way.map(({ message, siblings }) => (
          <MessageItem
            key={message.id}
            conversationId={id}
            message={message}
            siblings={siblings}
            onChoose={setChosen}
            onEnded={refetch}
          />
        ))}
      </ol>
      {way.length === 0 && <p className={styles.quiet}>{t("say_something")}</p>}
      <Composer
        conversationId={id}
        after={answers.at(-1)?.message.id}
        isBusy={messages.some(({ status }) => status === "running" || status === "queued")}
        whileRunning={conversation.data.while_running}
        onSent={(answer) => {
          setChosen(answer);
          toEnd();
        }}
      />
      <div ref={end} />
    </>
  );
}
