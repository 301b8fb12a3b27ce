import { useTranslation } from "react-i18next";
import type { Agent } from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { LineActions } from "../parts/line-actions";
import styles from "../parts/parts.module.css";

interface Props {
  items: Agent[];
  mayChange: boolean;
  onEdit: (agent: Agent) => void;
  onDelete: (agent: Agent) => void;
}

export function AgentTable({ items, mayChange, onEdit, onDelete }: Props) {
  const { t } = useTranslation("settings");
  const columns: Column<Agent>[] = [
    {
      label: t("columns.name"),
      cell: (agent) => (
        <>
          <span className={styles.name}>{agent.name}</span>
          <span className={styles.sub}>
            {agent.scope === "platform" ? t("agents.platform") : t("agents.of", agent)}
          </span>
        </>
      ),
    },
    {
      label: t("agents.role"),
      cell: (agent) => (
        <>
          <span className={styles.name}>{agent.role}</span>
          <span className={styles.sub}>{agent.goal}</span>
        </>
      ),
    },
    {
      label: t("columns.actions"),
      width: "190px",
      cell: (agent) =>
        agent.scope === "platform" ? (
          <span className={styles.muted}>{t(`agents.states.${agent.state}`)}</span>
        ) : (
          <LineActions
            may={mayChange}
            actions={[
              { text: t("edit"), label: t("agents.edit_of", agent), onClick: () => onEdit(agent) },
              {
                text: t("common:actions.delete"),
                label: t("agents.delete_of", agent),
                onClick: () => onDelete(agent),
              },
            ]}
          />
        ),
    },
  ];
  return (
    <DataTable label={t("nav.agents")} columns={columns} items={items} keyOf={({ name }) => name} />
  );
}
