import { useTranslation } from "react-i18next";
import { type Approval, useGetRunQuery } from "@/api/generated";
import { compactNumber, money } from "@/shared/lib/format";
import styles from "./approvals.module.css";

/** What it may come to, and what the run has used up to here. */
export function RunSoFar({ item }: { item: Approval }) {
  const { t } = useTranslation("approvals");
  const { data } = useGetRunQuery({ runId: item.run_id });
  return (
    <>
      <span>{t(`risks.${item.kind}`)}</span>
      {data && (
        <span>
          {t("so_far", {
            usd: money(data.usage.usd),
            tokens: compactNumber(data.usage.tokens),
          })}
        </span>
      )}
    </>
  );
}

export function Values({ item }: { item: Approval }) {
  const { t } = useTranslation("approvals");
  const values: unknown = item.values;
  if (values === null || values === undefined) return null;
  return (
    <section className={styles.values} aria-label={t("values")}>
      <h3>{t("values")}</h3>
      <pre>{typeof values === "string" ? values : JSON.stringify(values, null, 2)}</pre>
    </section>
  );
}
