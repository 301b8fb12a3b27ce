import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListRunsApiArg } from "@/api/generated";
import { saveFile } from "@/shared/lib/save-file";
import { tellDone, tellFailure } from "@/shared/lib/tell";
import { fetchRunsTable } from "./runs-csv";

/** The runs that the filter lets through as a table for a spreadsheet, all pages of it. */
export function CsvButton({ query }: { query: ListRunsApiArg }) {
  const { t } = useTranslation("runs");
  const [isBusy, setIsBusy] = useState(false);
  const save = async () => {
    setIsBusy(true);
    const table = await fetchRunsTable(query);
    setIsBusy(false);
    if (!table) {
      await tellFailure(undefined, t("csv.failed"));
      return;
    }
    saveFile("runs.csv", table.text, "text/csv");
    if (!table.isWhole) await tellDone(t("csv.cut", { count: table.rows }));
  };
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} />}
      loading={isBusy}
      onClick={() => void save()}
    >
      {t("csv.save")}
    </Button>
  );
}
