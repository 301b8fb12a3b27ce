import { IconWebhook } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListWebhooksQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "../parts/loaded";
import { Pager, usePager } from "../parts/pager";
import styles from "../parts/parts.module.css";
import { HookCard } from "./hook-card";

const PAGE = 200;

/** Addresses that start workflows. */
export function Webhooks({ workflowId }: { workflowId: string | undefined }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const query = useListWebhooksQuery(
    { limit: PAGE, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  return (
    <section aria-label={t("triggers.incoming")} className={styles.stack}>
      <h2 className={styles.cardTitle}>{t("triggers.incoming")}</h2>
      <Loaded query={query}>
        {({ items, next_cursor }) => {
          const shown = workflowId
            ? items.filter(({ workflow }) => workflow.id === workflowId)
            : items;
          return (
            <>
              {shown.length === 0 && (
                <EmptyState icon={IconWebhook} title={t("triggers.no_webhooks")}>
                  {t("triggers.no_webhooks_text")}
                </EmptyState>
              )}
              {shown.map((hook) => (
                <HookCard key={hook.id} hook={hook} />
              ))}
              <Pager pager={pager} next={next_cursor} />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
