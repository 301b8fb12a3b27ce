import { Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type NotificationChoice, useGetNotificationChoicesQuery } from "@/api/generated";
import { Page } from "@/shared/ui/page";
import { type Column, DataTable } from "../parts/data-table";
import { Loaded } from "../parts/loaded";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { useChoices } from "./use-choices";

/** What one is told of, and where; each tick is saved at once. */
export function NotificationsPage() {
  const { t } = useTranslation("settings");
  const query = useGetNotificationChoicesQuery(undefined, { refetchOnMountOrArgChange: true });
  return (
    <Page title={t("nav.notifications")} text={t("notifications.text")}>
      <Loaded query={query}>{({ items }) => <Choices items={items} />}</Loaded>
    </Page>
  );
}

function Choices({ items }: { items: NotificationChoice[] }) {
  const { t } = useTranslation("settings");
  const { choose, error } = useChoices(items);
  const way = (name: "in_app" | "mail"): Column<NotificationChoice> => ({
    label: t(`notifications.${name}`),
    width: "110px",
    cell: (choice) => (
      <Checkbox
        aria-label={t("notifications.of", {
          event: t(`events.${choice.kind}`),
          way: t(`notifications.${name}`),
        })}
        checked={choice[name]}
        onChange={(event) => void choose(choice.kind, { [name]: event.currentTarget.checked })}
      />
    ),
  });
  const columns: Column<NotificationChoice>[] = [
    {
      label: t("notifications.event"),
      cell: ({ kind }) => <span className={styles.name}>{t(`events.${kind}`)}</span>,
    },
    way("in_app"),
    way("mail"),
  ];
  return (
    <>
      <ProblemAlert error={error} />
      <DataTable
        label={t("nav.notifications")}
        columns={columns}
        items={items}
        keyOf={({ kind }) => kind}
      />
    </>
  );
}
