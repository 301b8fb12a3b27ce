import { useTranslation } from "react-i18next";
import type { ListRunsApiArg } from "@/api/generated";
import { saveFile } from "@/shared/lib/save-file";
import { tellDone, tellFailure } from "@/shared/lib/tell";
import { SaveButton } from "@/shared/ui/save-button";
import { fetchRunsTable } from "./runs-csv";

/** The runs that the filter lets through as a table for a spreadsheet, all pages of it. */
export function CsvButton({ query }: { query: ListRunsApiArg }) {
  const { t } = useTranslation("runs");
  const save = async () => {
    const table = await fetchRunsTable(query);
    if (!table) {
      await tellFailure(undefined, t("csv.failed"));
      return;
    }
    saveFile("runs.csv", table.text, "text/csv");
    if (!table.isWhole) await tellDone(t("csv.cut", { count: table.rows }));
  };
  return <SaveButton label={t("csv.save")} onSave={save} />;
}
