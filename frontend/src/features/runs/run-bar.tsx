import { ActionIcon, Button } from "@mantine/core";
import { IconChevronLeft, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { RunRecordExport } from "@/api/generated";
import type { Workflow } from "@/domain/document/workflow";
import { isRunFinished, type RunView } from "@/domain/runs/run-view";
import { useNow } from "@/shared/hooks/use-now";
import { compactNumber, duration, money } from "@/shared/lib/format";
import { StatusBadge } from "@/shared/ui/status-badge";
import { ConnectionBadge } from "./connection-badge";
import { RunActions } from "./control/run-actions";
import { LateRunMenu } from "./late-run-menu";
import styles from "./run.module.css";

interface RunBarProps {
  record: RunRecordExport;
  workflow: Workflow;
  run: RunView;
  title: string;
  /** The step that is looked at, as the run names it. */
  chosen: string | undefined;
}

export function RunBar({ record, workflow, run, title, chosen }: RunBarProps) {
  const { t } = useTranslation("runs");
  const isOver = isRunFinished(run.status);
  const now = useNow(run.started_at !== null && !isOver);
  const end = run.finished_at ? new Date(run.finished_at).getTime() : now;
  const elapsed = run.started_at
    ? duration(Math.max(0, end - new Date(run.started_at).getTime()))
    : "–";
  const facts = [
    [t("elapsed"), elapsed],
    [t("tokens"), compactNumber(run.usage.tokens)],
    [t("cost"), money(run.usage.usd)],
  ];
  return (
    <header className={styles.bar}>
      <ActionIcon component={Link} to="/runs" aria-label={t("all")} size="lg">
        <IconChevronLeft size={18} />
      </ActionIcon>
      <div className={styles.titles}>
        <h1 className={styles.title}>{title}</h1>
        <span className={styles.sub}>
          {record.run.version === "draft"
            ? t("of_draft")
            : t("of_version", { version: record.run.version })}
          {record.run.forked_from && (
            <>
              {" · "}
              <Link to={`/runs/${run.id}/compare/${record.run.forked_from.run_id}`}>
                {t("fork.of", { step: record.run.forked_from.step })}
              </Link>
            </>
          )}
        </span>
      </div>
      <StatusBadge status={run.status} />
      {!isOver && <ConnectionBadge />}
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Button
        component={Link}
        to={`/workflows/${record.run.workflow.id}`}
        variant="default"
        leftSection={<IconPencil size={16} />}
      >
        {t("edit")}
      </Button>
      <RunActions id={run.id} status={run.status} />
      <LateRunMenu record={record} workflow={workflow} run={run} chosen={chosen} />
    </header>
  );
}
