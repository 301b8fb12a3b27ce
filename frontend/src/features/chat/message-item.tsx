import { ActionIcon, Button, Group, Textarea, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconPencil } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Message, useSendMessageMutation } from "@/api/generated";
import { Answer } from "./answer";
import styles from "./chat.module.css";
import { Regenerate } from "./regenerate";

interface Props {
  conversationId: string;
  message: Message;
  siblings: string[];
  onChoose: (id: string) => void;
  onEnded: () => void;
}

/** A message or an answer, with the ways that lead on from its place. */
export function MessageItem(props: Props) {
  const { t } = useTranslation("chat");
  const { conversationId, message, onChoose, onEnded } = props;
  const [isEditing, setIsEditing] = useState(false);
  const isMine = message.role === "user";
  const isOpen = message.status === "running" || message.status === "queued";
  return (
    <li
      className={styles.message}
      data-role={message.role}
      aria-label={t(isMine ? "you" : "answer")}
    >
      {!isMine && <Answer conversationId={conversationId} message={message} onEnded={onEnded} />}
      {isMine && !isEditing && <p className={styles.said}>{message.text}</p>}
      {isMine && isEditing && <Edit {...props} onDone={() => setIsEditing(false)} />}
      <Group gap={2}>
        <Branches {...props} />
        {isMine && !isEditing && (
          <Tooltip label={t("edit")}>
            <ActionIcon aria-label={t("edit")} onClick={() => setIsEditing(true)}>
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
        )}
        {!isMine && !isOpen && (
          <Regenerate conversationId={conversationId} message={message} onChoose={onChoose} />
        )}
      </Group>
    </li>
  );
}

function Branches({ message, siblings, onChoose }: Props) {
  const { t } = useTranslation("chat");
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(message.id);
  const step = (by: number) => {
    const next = siblings[at + by];
    if (next) onChoose(next);
  };
  return (
    <fieldset className={styles.branches} aria-label={t("branches")}>
      <ActionIcon aria-label={t("earlier_branch")} disabled={at === 0} onClick={() => step(-1)}>
        <IconChevronLeft size={15} />
      </ActionIcon>
      <span>{t("branch_of", { at: at + 1, count: siblings.length })}</span>
      <ActionIcon
        aria-label={t("later_branch")}
        disabled={at === siblings.length - 1}
        onClick={() => step(1)}
      >
        <IconChevronRight size={15} />
      </ActionIcon>
    </fieldset>
  );
}

function Edit({ conversationId, message, onChoose, onDone }: Props & { onDone: () => void }) {
  const { t } = useTranslation("chat");
  const [text, setText] = useState(message.text);
  const [send, { isLoading }] = useSendMessageMutation();
  const box = useRef<HTMLTextAreaElement>(null);
  // Whoever opens it wants to write.
  useEffect(() => box.current?.focus(), []);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const sendMessage = { text, edits: message.id, attachments: message.attachments };
    const answer = await send({ conversationId, sendMessage });
    if (!answer.data) return;
    onChoose(answer.data.answer.id);
    onDone();
  };
  return (
    <form onSubmit={submit} className={styles.edit}>
      <Textarea
        aria-label={t("edit_text")}
        value={text}
        autosize
        ref={box}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group gap={8}>
        <Button type="submit" size="xs" loading={isLoading} disabled={text.trim() === ""}>
          {t("send_again")}
        </Button>
        <Button size="xs" variant="default" onClick={onDone}>
          {t("cancel")}
        </Button>
      </Group>
    </form>
  );
}
