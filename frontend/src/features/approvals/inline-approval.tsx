import { Skeleton } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useGetApprovalQuery } from "@/api/generated";
import { LateMarkdown } from "@/shared/ui/late-markdown";
import { RunSoFar, Values } from "./approval-facts";
import styles from "./approvals.module.css";
import type { FormOfData } from "./composer";
import { DecisionPanel } from "./decision-panel";
import { Outcome } from "./outcome";
import { EVERY_MS } from "./use-inbox";

/** One question where it is asked, with what it is about; single letters do nothing here. */
export default function InlineApproval(props: { approvalId: string; Form: FormOfData }) {
  const { t } = useTranslation("approvals");
  const { data } = useGetApprovalQuery(
    { approvalId: props.approvalId },
    { pollingInterval: EVERY_MS, skipPollingIfUnfocused: true },
  );
  const heading = useRef<HTMLHeadingElement>(null);
  // It is never on the page, so that no letter is meant for it.
  const nowhere = useRef<HTMLDivElement>(null);
  if (!data) return <Skeleton height={120} />;
  return (
    <section className={styles.inline} aria-label={t("detail")}>
      <h3 ref={heading} tabIndex={-1} className={styles.title}>
        {data.title}
      </h3>
      <p className={styles.facts}>
        <span className={styles.kind}>{t(`kinds.${data.kind}`)}</span>
        <RunSoFar item={data} />
      </p>
      {data.message && <LateMarkdown text={data.message} />}
      <Values item={data} />
      {data.status !== "open" && <Outcome item={data} />}
      <DecisionPanel
        isInline
        item={data}
        box={nowhere}
        Form={props.Form}
        onSend={() => undefined}
        onClosed={() => heading.current?.focus()}
      />
    </section>
  );
}
