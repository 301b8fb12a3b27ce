import { Menu } from "@mantine/core";
import { IconPencil, IconPlayerPlay, IconRefresh, IconVersions } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { type Run, useGetWorkflowQuery } from "@/api/generated";
import { selectSession } from "@/api/session-slice";
import type { RunView } from "@/domain/runs/run-view";
import { tellFailure } from "@/shared/lib/tell";
import { bodyOf, newerVersion, type RunVersion } from "./again";
import { commandsOf } from "./commands";
import { useRunAgain } from "./use-run-again";
import { useRunCommand } from "./use-run-command";

interface AgainItemsProps {
  run: Run;
  /** What is known of it now. */
  view: RunView;
  onEdit: (published: number | null | undefined) => void;
}

/** Lines of the menu of a run that start it again: from the beginning, where it failed, with what is new. */
export function AgainItems({ run, view, onEdit }: AgainItemsProps) {
  const { t } = useTranslation("runs");
  const { me } = useSelector(selectSession);
  const may = (permission: string) => me?.permissions.includes(permission) ?? false;
  const workflow = useGetWorkflowQuery({ workflowId: run.workflow.id });
  const published = workflow.data?.published_version;
  const newer = newerVersion(run, published);
  const { again } = useRunAgain(run.workflow.id);
  const { carryOut } = useRunCommand(run.id);
  // What a deleted workflow did can be looked at only.
  const isClosed = workflow.isError || !may("runs:start");
  const start = async (version?: RunVersion) => {
    const { error } = await again(bodyOf(run, version === undefined ? {} : { version }));
    if (error) await tellFailure(error, t("again.not_started"));
  };
  return (
    <>
      <Menu.Label>{t(isClosed ? "again.closed" : "again.label")}</Menu.Label>
      <Menu.Item
        leftSection={<IconPlayerPlay size={16} />}
        disabled={isClosed}
        onClick={() => void start()}
      >
        {run.version === "draft" ? t("again.all_draft") : t("again.all")}
      </Menu.Item>
      {commandsOf(view.status).includes("retry") && (
        <Menu.Item
          leftSection={<IconRefresh size={16} />}
          disabled={!may("runs:retry")}
          onClick={() => void carryOut("retry")}
        >
          {t("again.failed")}
        </Menu.Item>
      )}
      {newer !== null && (
        <Menu.Item
          leftSection={<IconVersions size={16} />}
          disabled={isClosed}
          onClick={() => void start(newer)}
        >
          {t("again.latest", { version: newer })}
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<IconPencil size={16} />}
        disabled={isClosed}
        onClick={() => onEdit(published)}
      >
        {t("again.edited")}
      </Menu.Item>
      <Menu.Divider />
    </>
  );
}
