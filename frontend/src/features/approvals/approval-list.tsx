import { IconCheck, IconClock, IconClockPause, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Approval } from "@/api/generated";
import { ago } from "@/shared/lib/format";
import styles from "./approvals.module.css";
import { DueTime } from "./due-time";

const ICONS = { open: IconClockPause, decided: IconCheck, expired: IconClock, withdrawn: IconX };

export function ApprovalList({ items, selected }: { items: Approval[]; selected: string }) {
  const { t } = useTranslation("approvals");
  const list = useRef<HTMLUListElement>(null);
  // Who walks through the list by keyboard takes the focus along; who does not keeps it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what is selected
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>("[aria-current]");
    const isHere = list.current?.contains(document.activeElement);
    if (row && (isHere || document.activeElement === document.body)) row.focus();
  }, [selected]);
  return (
    <ul ref={list} className={styles.list} aria-label={t("title")}>
      {items.map((item) => (
        <Row key={item.id} item={item} isSelected={item.id === selected} />
      ))}
    </ul>
  );
}

function Row({ item, isSelected }: { item: Approval; isSelected: boolean }) {
  const { t } = useTranslation("approvals");
  const [search] = useSearchParams();
  const to = new URLSearchParams(search);
  to.set("item", item.id);
  const Icon = ICONS[item.status];
  return (
    <li>
      <Link
        to={{ search: to.toString() }}
        replace
        className={styles.row}
        aria-current={isSelected ? "true" : undefined}
      >
        <span className={styles.rowTitle}>{item.title}</span>
        <span className={styles.rowFacts}>
          <span className={styles.state} data-status={item.status}>
            <Icon size={14} aria-hidden />
            {item.status === "open" ? t(`kinds.${item.kind}`) : t(`statuses.${item.status}`)}
          </span>
          <span className={styles.workflow}>{item.workflow_name}</span>
          {item.status === "open" && item.expires_at ? (
            <DueTime at={item.expires_at} />
          ) : (
            <time dateTime={item.requested_at}>{ago(item.requested_at)}</time>
          )}
        </span>
      </Link>
    </li>
  );
}
