import { useTranslation } from "react-i18next";
import { Page } from "@/shared/ui/page";
import { CsvButton } from "./csv-button";
import { QueryLine } from "./query-line";
import { RunTable } from "./run-table";
import { useRunQuery } from "./use-run-query";

/** All runs, the newest first; the line that filters them stands in the URL. */
export function RunsPage() {
  const { t } = useTranslation("runs");
  const asked = useRunQuery();
  return (
    <Page title={t("title")} text={t("text")} actions={<CsvButton query={asked.query} />}>
      <QueryLine {...asked} />
      <RunTable key={asked.line} query={asked.query} />
    </Page>
  );
}
