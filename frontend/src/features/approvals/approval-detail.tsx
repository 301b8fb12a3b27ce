import { ActionIcon, Skeleton } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Approval, useGetApprovalQuery, useGetRunValueQuery } from "@/api/generated";
import { ago, dateTime } from "@/shared/lib/format";
import { ErrorState } from "@/shared/ui/error-state";
import { LateMarkdown } from "@/shared/ui/late-markdown";
import { RunSoFar, Values } from "./approval-facts";
import styles from "./approvals.module.css";
import type { FormOfData } from "./composer";
import { DecisionPanel } from "./decision-panel";
import { DueTime } from "./due-time";
import { Outcome } from "./outcome";
import { EVERY_MS } from "./use-inbox";

interface DetailProps {
  id: string;
  box: RefObject<HTMLDivElement | null>;
  onBack: () => void;
  onSend: () => void;
  Form: FormOfData;
}

export function ApprovalDetail({ id, box, onBack, onSend, Form }: DetailProps) {
  const { t } = useTranslation("approvals");
  const { data, error, isLoading, refetch } = useGetApprovalQuery(
    { approvalId: id },
    { pollingInterval: EVERY_MS, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: true },
  );
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section className={styles.detail} aria-label={t("detail")}>
      <ActionIcon className={styles.back ?? ""} size="lg" aria-label={t("back")} onClick={onBack}>
        <IconChevronLeft size={18} />
      </ActionIcon>
      {isLoading && <Skeleton height={220} />}
      {!data && error && <ErrorState error={error} onRetry={refetch} />}
      {data && (
        <>
          <Head item={data} heading={heading} />
          <Message item={data} />
          <Values item={data} />
          {data.status !== "open" && <Outcome item={data} />}
          <Votes item={data} />
          <DecisionPanel
            item={data}
            box={box}
            Form={Form}
            onSend={onSend}
            onClosed={() => heading.current?.focus()}
          />
        </>
      )}
    </section>
  );
}

function Head({
  item,
  heading,
}: {
  item: Approval;
  heading: RefObject<HTMLHeadingElement | null>;
}) {
  const { t } = useTranslation("approvals");
  const asked = item.to.length > 0 ? item.to.join(", ") : t("everybody");
  return (
    <header className={styles.head}>
      <h2 ref={heading} tabIndex={-1} className={styles.title}>
        {item.title}
      </h2>
      <p className={styles.facts}>
        <span className={styles.kind}>{t(`kinds.${item.kind}`)}</span>
        <Link to={`/runs/${item.run_id}`}>{t("open_run", { name: item.workflow_name })}</Link>
        <span>{t("step", { path: item.step })}</span>
        <time dateTime={item.requested_at} title={dateTime(item.requested_at)}>
          {t("asked_at", { when: ago(item.requested_at) })}
        </time>
        {item.status === "open" && item.expires_at && <DueTime at={item.expires_at} />}
      </p>
      <p className={styles.facts}>
        <RunSoFar item={item} />
      </p>
      <p className={styles.quiet}>
        {t("asked", { asked })}
        {item.rule && ` ${t("rule", { name: item.rule })}`}
      </p>
    </header>
  );
}

/** The message, whole: of a long one the item has the beginning, and the run the rest. */
function Message({ item }: { item: Approval }) {
  const whole = useGetRunValueQuery(
    { runId: item.run_id, ref: item.message_ref ?? "" },
    { skip: !item.message_ref },
  );
  const found: unknown = whole.data?.value;
  const text = typeof found === "string" ? found : item.message;
  return text ? <LateMarkdown text={text} /> : null;
}

function Votes({ item }: { item: Approval }) {
  const { t } = useTranslation("approvals");
  if (item.quorum <= 1) return null;
  return (
    <section className={styles.votes} aria-label={t("votes")}>
      <h3>{t("votes_of", { count: item.votes.length, quorum: item.quorum })}</h3>
      <ul>
        {item.votes.map((vote) => (
          <li key={vote.by}>
            {t(`said.${vote.decision}`, { by: vote.by, when: ago(vote.at) })}
            {vote.comment && <q>{vote.comment}</q>}
          </li>
        ))}
      </ul>
    </section>
  );
}
