import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Overview, RunSummary } from "@/api/generated";
import { useNow } from "@/shared/hooks/use-now";
import { ago, duration } from "@/shared/lib/format";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./dashboard.module.css";
import { runsAt } from "./figures";
import { MOST, useOpenApprovals } from "./use-open-approvals";

/** What needs somebody, and what goes on. */
export function Lists({ overview }: { overview: Overview }) {
  const { t } = useTranslation("dashboard");
  const { since, until } = overview;
  return (
    <div className={styles.lists}>
      <Approvals waiting={overview.approvals_waiting} />
      <Panel title={t("lists.running")} to="/runs?status=running">
        {overview.running_now.slice(0, MOST).map((run) => (
          <RunningRow key={run.id} run={run} />
        ))}
      </Panel>
      <Panel
        title={t("lists.failures")}
        to={runsAt({ status: "failed", from: since, before: until })}
      >
        {overview.recent_failures.slice(0, MOST).map((run) => (
          <Row
            key={run.id}
            to={`/runs/${run.id}`}
            name={run.workflow.name}
            text={run.error?.message ?? ""}
            fact={ago(run.finished_at ?? run.created_at)}
          />
        ))}
      </Panel>
      <Panel title={t("lists.edits")} to="/workflows">
        {overview.recent_edits.slice(0, MOST).map((workflow) => (
          <Row
            key={workflow.id}
            to={`/workflows/${workflow.id}`}
            name={workflow.title || workflow.name}
            text={workflow.draft_valid ? "" : t("has_problems")}
            fact={ago(workflow.updated_at)}
          />
        ))}
      </Panel>
    </div>
  );
}

/** The figures say how many there are before the list does: its lines have their place from the first moment. */
function Approvals({ waiting }: { waiting: number }) {
  const { t } = useTranslation("dashboard");
  const { may, items, isError } = useOpenApprovals();
  if (!may) return null;
  const awaited = Array.from({ length: Math.min(waiting, MOST) }, (_, place) => place);
  return (
    <Panel
      title={t("lists.approvals")}
      to="/approvals?show=open"
      empty={isError ? t("not_loaded") : t("nothing")}
    >
      {items?.map((item) => (
        <Row
          key={item.id}
          to={`/approvals?show=open&item=${item.id}`}
          name={item.title}
          text={item.workflow_name}
          fact={ago(item.requested_at)}
        />
      )) ?? (isError ? [] : awaited.map((place) => <AwaitedRow key={place} />))}
    </Panel>
  );
}

function RunningRow({ run }: { run: RunSummary }) {
  const now = useNow(run.started_at !== null);
  const elapsed = run.started_at ? duration(now - new Date(run.started_at).getTime()) : "–";
  return (
    <Row
      to={`/runs/${run.id}`}
      name={run.workflow.name}
      text={<StatusBadge status={run.status} isSmall />}
      fact={elapsed}
    />
  );
}

function Panel(props: { title: string; to: string; empty?: string; children: ReactNode[] }) {
  const { title, to, children } = props;
  const { t } = useTranslation("dashboard");
  const { empty = t("nothing") } = props;
  return (
    <section className={styles.panel} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <Link to={to} className={styles.all} aria-label={t("all_of", { title })}>
          {t("all")}
        </Link>
      </header>
      {children.length > 0 ? <ul>{children}</ul> : <p className={styles.quiet}>{empty}</p>}
    </section>
  );
}

function Row(props: { to: string; name: string; text: ReactNode; fact: string }) {
  const { to, name, text, fact } = props;
  return (
    <li className={styles.row}>
      <Link to={to}>{name}</Link>
      <span className={styles.fact}>{fact}</span>
      {text && <span className={styles.rowText}>{text}</span>}
    </li>
  );
}

/** As high as a row with its text. */
function AwaitedRow() {
  return (
    <li className={styles.row} aria-hidden>
      <Skeleton width="60%">&nbsp;</Skeleton>
      <span className={styles.rowText}>&nbsp;</span>
    </li>
  );
}
