import { ActionIcon, Menu, Switch } from "@mantine/core";
import { IconDots, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import {
  type Conversation,
  useChangeConversationMutation,
  useDeleteConversationMutation,
} from "@/api/generated";
import styles from "./chat.module.css";
import { WhileRunningSelect } from "./while-running-select";

/** Whom one talks with, and what can be changed from the next message on. */
export function ConversationHead({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("chat");
  const navigate = useNavigate();
  const { id: conversationId, memory, target, title } = conversation;
  const [change] = useChangeConversationMutation();
  const [remove] = useDeleteConversationMutation();
  const say = (changeConversation: Parameters<typeof change>[0]["changeConversation"]) =>
    void change({ conversationId, changeConversation });
  const forget = async () => {
    const done = await remove({ conversationId });
    if (!done.error) navigate("/chat");
  };
  return (
    <header className={styles.head}>
      <div>
        <h2 className={styles.title}>{title || t("untitled")}</h2>
        <p className={styles.quiet}>
          {target.kind === "agent" ? t("with_agent", { name: target.agent }) : t("with_workflow")}
        </p>
      </div>
      <Switch
        label={t("memory")}
        checked={memory.enabled}
        onChange={(event) => say({ memory: { ...memory, enabled: event.currentTarget.checked } })}
      />
      <Menu position="bottom-end" closeOnItemClick={false}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t("more")}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown className={styles.menu ?? ""}>
          <WhileRunningSelect
            value={conversation.while_running}
            onChange={(next) => say({ while_running: next })}
          />
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={forget}>
            {t("delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}
