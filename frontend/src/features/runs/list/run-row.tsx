import { Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Run } from "@/api/generated";
import { ago, compactNumber, dateTime, duration, money } from "@/shared/lib/format";
import { LinkRow } from "@/shared/ui/link-row";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./runs.module.css";

interface RunRowProps {
  run: Run;
  isChosen: boolean;
  onChoose: (id: string) => void;
}

export function RunRow({ run, isChosen, onChoose }: RunRowProps) {
  const { t } = useTranslation("runs");
  const started = run.started_at ?? run.created_at;
  const elapsed = run.started_at
    ? new Date(run.finished_at ?? Date.now()).getTime() - new Date(run.started_at).getTime()
    : null;
  return (
    <LinkRow
      lead={
        <Checkbox
          className={styles.choose ?? ""}
          aria-label={t("bulk.choose", { name: run.workflow.name, at: dateTime(started) })}
          checked={isChosen}
          onChange={() => onChoose(run.id)}
        />
      }
      to={`/runs/${run.id}`}
      name={run.workflow.name}
      sub={run.version === "draft" ? t("of_draft") : t("of_version", { version: run.version })}
    >
      <span role="cell">
        <StatusBadge status={run.status} />
      </span>
      <time role="cell" dateTime={started} title={dateTime(started)}>
        {ago(started)}
      </time>
      <span role="cell">{elapsed === null ? "–" : duration(elapsed)}</span>
      <span role="cell">{compactNumber(run.usage.tokens)}</span>
      <span role="cell">{money(run.usage.usd)}</span>
    </LinkRow>
  );
}
