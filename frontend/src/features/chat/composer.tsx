import { ActionIcon, Button, FileButton, Textarea } from "@mantine/core";
import { IconPaperclip, IconSend, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSendMessageMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import styles from "./chat.module.css";
import { useAttachments } from "./use-attachments";
import type { WhileRunning } from "./while-running-select";

interface Props {
  conversationId: string;
  after: string | undefined;
  isBusy: boolean;
  whileRunning: WhileRunning;
  onSent: (answerId: string) => void;
}

/** Where one says something: Enter sends, Shift+Enter begins a line. */
export function Composer({ conversationId, after, isBusy, whileRunning, onSent }: Props) {
  const { t } = useTranslation("chat");
  const [text, setText] = useState("");
  const [send, { error, isLoading }] = useSendMessageMutation();
  const { attached, attach, detach, clear, isSending, problem } = useAttachments();
  const isOff = text.trim() === "" || isLoading || isSending;
  const submit = async () => {
    if (isOff) return;
    const answer = await send({
      conversationId,
      sendMessage: { text, attachments: attached.map(({ id }) => id), ...(after ? { after } : {}) },
    });
    if (!answer.data) return;
    setText("");
    clear();
    onSent(answer.data.answer.id);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void submit();
  };
  const refusal = isProblem(error) ? error.detail || error.title : problem;
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {refusal && (
        <p className={styles.failed} role="alert">
          {refusal}
        </p>
      )}
      {isBusy && <p className={styles.quiet}>{t(`busy.${whileRunning}`)}</p>}
      {attached.map(({ id, name }) => (
        <span key={id} className={styles.attached}>
          {name}
          <ActionIcon size="sm" aria-label={t("detach", { name })} onClick={() => detach(id)}>
            <IconX size={13} />
          </ActionIcon>
        </span>
      ))}
      <div className={styles.line}>
        <FileButton onChange={(file) => file && void attach(file)}>
          {(given) => (
            <ActionIcon {...given} size="lg" loading={isSending} aria-label={t("attach")}>
              <IconPaperclip size={18} />
            </ActionIcon>
          )}
        </FileButton>
        <Textarea
          className={styles.input ?? ""}
          aria-label={t("message")}
          placeholder={t("placeholder")}
          value={text}
          autosize
          maxRows={8}
          maxLength={20_000}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Button type="submit" disabled={isOff} leftSection={<IconSend size={16} />}>
          {t("send")}
        </Button>
      </div>
    </form>
  );
}
