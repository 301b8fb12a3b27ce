import { ActionIcon, Alert, Button, Skeleton, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBellOff,
  IconCalendarX,
  IconCheck,
  IconCircle,
  IconCoin,
  IconInbox,
  IconPlugConnectedX,
  IconX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import {
  type Notification,
  useListNotificationsQuery,
  useMarkNotificationsMutation,
} from "@/api/generated";
import { ago, dateTime } from "@/shared/lib/format";
import { isProblem } from "@/shared/lib/problem";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { NEWEST } from "./newest";
import styles from "./notifications.module.css";
import { whereOf } from "./where";

const ICONS = {
  run_failed: IconX,
  run_succeeded: IconCheck,
  run_cancelled: IconX,
  approval_requested: IconInbox,
  budget_warned: IconCoin,
  budget_reached: IconAlertTriangle,
  schedule_failed: IconCalendarX,
  endpoint_disabled: IconPlugConnectedX,
};

/** What the person was told, the newest first; opening one notes that it was read. */
export default function NotificationList({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation("notifications");
  const { data, error, refetch } = useListNotificationsQuery(NEWEST);
  const [mark, marking] = useMarkNotificationsMutation();
  const send = (ids: string[] | null, read: boolean) => mark({ markNotifications: { ids, read } });
  const problem = isProblem(marking.error) ? marking.error : undefined;
  return (
    <>
      <header className={styles.head}>
        <h2>{t("title")}</h2>
        <Button
          size="compact-sm"
          variant="subtle"
          disabled={!data || data.unread === 0}
          loading={marking.isLoading}
          onClick={() => send(null, true)}
        >
          {t("all_read")}
        </Button>
      </header>
      {problem && (
        <Alert color="red" title={problem.title} role="alert">
          {problem.detail}
        </Alert>
      )}
      {!data && (error ? <ErrorState error={error} onRetry={refetch} /> : <ListSkeleton />)}
      {data?.items.length === 0 && (
        <EmptyState icon={IconBellOff} title={t("empty")}>
          {t("empty_text")}
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul className={styles.list} aria-label={t("title")}>
          {data.items.map((item) => (
            <Row key={item.id} item={item} onMark={send} onLeave={onLeave} />
          ))}
        </ul>
      )}
      {data?.next_cursor && <p className={styles.quiet}>{t("newest_only")}</p>}
      <Link className={styles.choose} to="/settings/notifications" onClick={onLeave}>
        {t("choose")}
      </Link>
    </>
  );
}

function Row(props: {
  item: Notification;
  onMark: (ids: string[], read: boolean) => unknown;
  onLeave: () => void;
}) {
  const { item, onMark, onLeave } = props;
  const { t } = useTranslation("notifications");
  const isRead = item.read_at !== null;
  const Icon = ICONS[item.kind];
  const change = t(isRead ? "mark_unread" : "mark_read", { title: item.title });
  const open = () => {
    if (!isRead) onMark([item.id], true);
    onLeave();
  };
  return (
    <li className={styles.row} data-unread={!isRead || undefined}>
      <Icon size={18} aria-hidden />
      <div className={styles.text}>
        <Link to={whereOf(item)} onClick={open}>
          {item.title}
        </Link>
        {item.body && <p>{item.body}</p>}
        <time dateTime={item.created_at} title={dateTime(item.created_at)}>
          {ago(item.created_at)}
          {!isRead && ` · ${t("unread")}`}
        </time>
      </div>
      <Tooltip label={t(isRead ? "as_unread" : "as_read")}>
        <ActionIcon
          className={styles.mark ?? ""}
          aria-label={change}
          onClick={() => onMark([item.id], !isRead)}
        >
          {isRead ? <IconCircle size={16} /> : <IconCheck size={16} />}
        </ActionIcon>
      </Tooltip>
    </li>
  );
}

function ListSkeleton() {
  return (
    <div className={styles.list} aria-hidden>
      {Array.from({ length: 4 }, (_, row) => row).map((row) => (
        <Skeleton key={row} height={56} radius="md" />
      ))}
    </div>
  );
}
