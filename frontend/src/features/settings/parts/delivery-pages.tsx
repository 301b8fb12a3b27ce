import { Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded, type LoadedQuery } from "./loaded";
import { Pager, usePager } from "./pager";
import styles from "./parts.module.css";
import { ProblemAlert } from "./problem-alert";

/** Deliveries happen while one looks at them. */
export const AS_THEY_HAPPEN = {
  refetchOnMountOrArgChange: true,
  pollingInterval: 4_000,
  skipPollingIfUnfocused: true,
} as const;

/** Which state is wanted, and on which page of those one is. */
export function useDeliveryPages<Status extends string>() {
  const pager = usePager();
  const [status, setStatus] = useState<Status | null>(null);
  const choose = (next: Status | null) => {
    setStatus(next);
    pager.restart();
  };
  return { pager, status, choose, asked: { status, limit: 20, cursor: pager.cursor } };
}

interface DeliveryPagesProps<Status extends string, Item> {
  pages: ReturnType<typeof useDeliveryPages<Status>>;
  statuses: readonly Status[];
  labelOf: (status: Status) => string;
  query: LoadedQuery<{ items: Item[]; next_cursor: string | null }>;
  /** Why the last one could not be done again. */
  error: unknown;
  empty: string;
  children: (items: Item[]) => ReactNode;
}

/** What came to an address or was sent to one, the newest first, by its state. */
export function DeliveryPages<Status extends string, Item>(
  props: DeliveryPagesProps<Status, Item>,
) {
  const { pages, statuses, labelOf, empty, children } = props;
  const { t } = useTranslation("settings");
  return (
    <>
      <Select
        aria-label={t("webhooks.filter")}
        placeholder={t("webhooks.every_status")}
        maw={220}
        clearable
        value={pages.status}
        onChange={(next) => pages.choose(statuses.find((one) => one === next) ?? null)}
        data={statuses.map((value) => ({ value, label: labelOf(value) }))}
      />
      <ProblemAlert error={props.error} />
      <Loaded query={props.query}>
        {({ items, next_cursor }) =>
          items.length === 0 && pages.pager.isFirst ? (
            <p className={styles.cardText}>{empty}</p>
          ) : (
            <>
              {children(items)}
              <Pager pager={pages.pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
