import { IconReportMoney } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/api";
import { type UsageReport, useGetUsageQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { compactNumber, duration, money } from "@/shared/lib/format";
import { saveFile } from "@/shared/lib/save-file";
import { EmptyState } from "@/shared/ui/empty-state";
import { Page } from "@/shared/ui/page";
import { SaveButton } from "@/shared/ui/save-button";
import { Loaded } from "../parts/loaded";
import { NotAllowed } from "../parts/not-allowed";
import { Notice } from "../parts/notice";
import styles from "../parts/parts.module.css";
import { tellProblem } from "../parts/tell";
import { UsageFilters } from "./usage-filters";
import { UsageTable } from "./usage-table";
import { type UsageQuery, useUsageQuery } from "./use-usage-query";

/** What calls of models and tools used, by what they were made for. */
export function UsagePage() {
  const { t } = useTranslation("settings");
  const may = useMay("usage:read");
  const { query, change } = useUsageQuery();
  return (
    <Page
      title={t("nav.usage")}
      text={t("usage.text")}
      actions={may && <ExportButton query={query} />}
    >
      {may ? (
        <>
          <UsageFilters query={query} onChange={change} />
          <Report query={query} />
        </>
      ) : (
        <NotAllowed />
      )}
    </Page>
  );
}

const asked = ({ groups, since, until }: UsageQuery) => ({ groupBy: groups, since, until });

function ExportButton({ query }: { query: UsageQuery }) {
  const { t } = useTranslation("settings");
  const dispatch = useAppDispatch();
  const save = async () => {
    const found = await dispatch(
      api.endpoints.exportUsage.initiate(asked(query), { forceRefetch: true, subscribe: false }),
    );
    if (found.error) tellProblem(found.error, t("usage.not_exported"));
    else saveFile("usage.csv", found.data ?? "", "text/csv");
  };
  return <SaveButton label={t("usage.export")} onSave={save} />;
}

function Report({ query }: { query: UsageQuery }) {
  const { t } = useTranslation("settings");
  const report = useGetUsageQuery(
    { ...asked(query), limit: 500 },
    { refetchOnMountOrArgChange: true },
  );
  return (
    <Loaded query={report}>
      {(data) =>
        data.items.length === 0 ? (
          <EmptyState icon={IconReportMoney} title={t("usage.empty")}>
            {t("usage.empty_text")}
          </EmptyState>
        ) : (
          <>
            <Sums report={data} />
            {!data.is_complete && <Notice tone="waiting">{t("usage.cut")}</Notice>}
            <UsageTable report={data} />
          </>
        )
      }
    </Loaded>
  );
}

function Sums({ report }: { report: UsageReport }) {
  const { t } = useTranslation("settings");
  const { runs, tokens, tokens_saved, usd, seconds, since, until } = report;
  const said = [
    t("usage.span", { since, until }),
    t("usage.runs", { count: runs }),
    t("usage.tokens_used", { tokens: compactNumber(tokens), saved: compactNumber(tokens_saved) }),
    money(usd),
    duration(seconds * 1_000),
  ];
  return (
    <p className={styles.cardText} role="status">
      {said.join(" · ")}
    </p>
  );
}
