import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useListApprovalsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { ApprovalDetail } from "./approval-detail";
import { ApprovalList } from "./approval-list";
import styles from "./approvals.module.css";
import type { FormOfData } from "./composer";
import { EVERY_MS, type Filter, filterQuery, MOST, useInbox } from "./use-inbox";
import { useInboxKeys } from "./use-inbox-keys";

const FILTERS: Filter[] = ["mine", "open", "decided", "all"];

/** What waits for a person: the list beside one item; on a phone one of them. `Form` draws what `edit` may change. */
export function ApprovalsPage({ Form }: { Form: FormOfData }) {
  const { t } = useTranslation("approvals");
  const { filter, runId, setFilter } = useInbox([]);
  return (
    <Page title={t("title")} text={t("text")}>
      <SegmentedControl
        className={styles.filter ?? ""}
        aria-label={t("filter")}
        value={filter}
        onChange={(next) => setFilter(FILTERS.find((one) => one === next) ?? "mine")}
        data={FILTERS.map((value) => ({ value, label: t(`filters.${value}`) }))}
      />
      <Inbox key={`${filter} ${runId}`} Form={Form} />
    </Page>
  );
}

function Inbox({ Form }: { Form: FormOfData }) {
  const { t } = useTranslation("approvals");
  const { filter, runId, setFilter } = useInbox([]);
  const { data, error, isLoading, refetch } = useListApprovalsQuery(filterQuery(filter, runId), {
    pollingInterval: EVERY_MS,
    skipPollingIfUnfocused: true,
    refetchOnMountOrArgChange: true,
  });
  const items = data?.items ?? [];
  const { selected, asked, go, look, back } = useInbox(items);
  const box = useRef<HTMLDivElement>(null);
  useInboxKeys(box, { next: () => go(1), previous: () => go(-1) });
  if (isLoading) return <ListSkeleton />;
  if (!data) return <ErrorState error={error} onRetry={refetch} />;
  if (!selected) {
    const all = (
      <Button variant="default" onClick={() => setFilter("all")}>
        {t("show_all")}
      </Button>
    );
    return (
      <EmptyState
        icon={IconInbox}
        title={t(filter === "mine" ? "empty_mine" : "empty")}
        actions={filter === "all" ? undefined : all}
      >
        {t("empty_text")}
      </EmptyState>
    );
  }
  return (
    <div ref={box} className={styles.inbox} data-open={asked !== null || undefined}>
      <div className={styles.side}>
        {items.length > 0 ? (
          <ApprovalList items={items} selected={selected} />
        ) : (
          <p className={styles.quiet}>{t("no_more")}</p>
        )}
        {data.next_cursor && <p className={styles.quiet}>{t("newest_only", { count: MOST })}</p>}
      </div>
      <ApprovalDetail
        key={selected}
        id={selected}
        box={box}
        onBack={back}
        onSend={() => look(selected)}
        Form={Form}
      />
    </div>
  );
}

function ListSkeleton() {
  return (
    <div className={styles.inbox} aria-hidden>
      <div className={styles.side}>
        {Array.from({ length: 5 }, (_, row) => row).map((row) => (
          <Skeleton key={row} height={74} radius="md" />
        ))}
      </div>
      <Skeleton height={360} radius="lg" className={styles.detail ?? ""} />
    </div>
  );
}
