import { ActionIcon, Checkbox, Menu, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBolt,
  IconBug,
  IconChartDots,
  IconCheck,
  IconCopy,
  IconDots,
  IconDownload,
  IconTrash,
  IconUsers,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { WorkflowSummary } from "@/api/generated";
import { ago, dateTime } from "@/shared/lib/format";
import { LinkRow } from "@/shared/ui/link-row";
import { useWorkflowActions } from "./use-workflow-actions";
import styles from "./workflows.module.css";

interface WorkflowRowProps {
  workflow: WorkflowSummary;
  isChosen: boolean;
  onChoose: () => void;
  onLabel: (label: string) => void;
}

export function WorkflowRow({ workflow, isChosen, onChoose, onLabel }: WorkflowRowProps) {
  const { t } = useTranslation("workflows");
  const title = workflow.title || workflow.name;
  return (
    <LinkRow
      lead={
        <Checkbox aria-label={t("bulk.choose", { title })} checked={isChosen} onChange={onChoose} />
      }
      to={`/workflows/${workflow.id}`}
      name={title}
      sub={
        <>
          <span className={styles.slug}>{workflow.name}</span>
          <Labels labels={workflow.labels} onLabel={onLabel} />
        </>
      }
    >
      <span role="cell" className={styles.state} data-bad={!workflow.draft_valid || undefined}>
        {workflow.draft_valid ? <IconCheck size={14} /> : <IconAlertTriangle size={14} />}
        {t(workflow.draft_valid ? "valid" : "invalid")}
      </span>
      <span role="cell">
        {workflow.published_version === null
          ? t("draft")
          : t("version", { version: workflow.published_version })}
      </span>
      <span role="cell">
        <time dateTime={workflow.updated_at} title={dateTime(workflow.updated_at)}>
          {ago(workflow.updated_at)}
        </time>
      </span>
      <span role="cell" className={styles.menu}>
        <RowMenu workflow={workflow} title={title} />
      </span>
    </LinkRow>
  );
}

function Labels(props: { labels: Record<string, string>; onLabel: (label: string) => void }) {
  const { t } = useTranslation("workflows");
  const labels = Object.entries(props.labels).map(([name, value]) => `${name}=${value}`);
  if (labels.length === 0) return null;
  return (
    <span className={styles.labels}>
      {labels.map((label) => (
        <UnstyledButton
          key={label}
          className={styles.label ?? ""}
          aria-label={t("only_label", { label })}
          onClick={() => props.onLabel(label)}
        >
          {label}
        </UnstyledButton>
      ))}
    </span>
  );
}

function RowMenu({ workflow, title }: { workflow: WorkflowSummary; title: string }) {
  const { t } = useTranslation("workflows");
  const { duplicate, exportAll, remove } = useWorkflowActions();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("actions_of", { title })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => duplicate(workflow)}>
          {t("duplicate")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDownload size={16} />}
          onClick={() => void exportAll([workflow])}
        >
          {t("export")}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/workflows/${workflow.id}/sharing`}
          leftSection={<IconUsers size={16} />}
        >
          {t("share")}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/evaluations?workflow=${workflow.id}`}
          leftSection={<IconChartDots size={16} />}
        >
          {t("evaluate")}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/workflows/${workflow.id}/failures`}
          leftSection={<IconBug size={16} />}
        >
          {t("failures")}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/settings/triggers?workflow=${workflow.id}`}
          leftSection={<IconBolt size={16} />}
        >
          {t("triggers")}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={() => remove(workflow, title)}
        >
          {t("delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
