import { Button, Select, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import {
  useBeginConversationMutation,
  useListAgentsQuery,
  useListWorkflowsQuery,
} from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import styles from "./chat.module.css";
import { WhileRunningSelect } from "./while-running-select";

const MOST = 200;

/** Whom to talk with, and what the answers may draw on. */
export function NewConversation() {
  const { t } = useTranslation("chat");
  const navigate = useNavigate();
  const agents = useListAgentsQuery();
  const workflows = useListWorkflowsQuery({ limit: MOST });
  const [target, setTarget] = useState("agent:research");
  const [isKnowing, setIsKnowing] = useState(false);
  const [whileRunning, setWhileRunning] = useState<"queue" | "interrupt" | "reject">("queue");
  const [begin, { error, isLoading }] = useBeginConversationMutation();
  const groups = [
    {
      group: t("agents"),
      items: (agents.data?.items ?? []).map(({ name, role }) => ({
        value: `agent:${name}`,
        label: role ? `${name} – ${role}` : name,
      })),
    },
    {
      group: t("workflows"),
      items: (workflows.data?.items ?? []).map(({ id, name }) => ({
        value: `workflow:${id}`,
        label: name,
      })),
    },
  ];
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const [kind, id = ""] = target.split(":");
    const answer = await begin({
      newConversation: {
        target:
          kind === "agent" ? { kind: "agent", agent: id } : { kind: "workflow", workflow_id: id },
        memory: { enabled: isKnowing },
        while_running: whileRunning,
      },
    });
    if (answer.data) navigate(`/chat/${answer.data.id}`);
  };
  return (
    <form className={styles.begin} onSubmit={submit}>
      <Stack>
        <h2 className={styles.title}>{t("begin_title")}</h2>
        <Text c="dimmed">{t("begin_text")}</Text>
        <Select
          label={t("with")}
          data={groups}
          value={target}
          searchable
          allowDeselect={false}
          onChange={(next) => next && setTarget(next)}
        />
        <Switch
          label={t("memory")}
          description={t("memory_text")}
          checked={isKnowing}
          onChange={(event) => setIsKnowing(event.currentTarget.checked)}
        />
        <WhileRunningSelect value={whileRunning} onChange={setWhileRunning} />
        {isProblem(error) && (
          <Text c="red" role="alert">
            {error.detail || error.title}
          </Text>
        )}
        <Button type="submit" loading={isLoading}>
          {t("begin")}
        </Button>
      </Stack>
    </form>
  );
}
