import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/api";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { saveFile } from "@/shared/lib/save-file";
import { tellProblem } from "../parts/tell";

const TYPES = { csv: "text/csv", jsonl: "application/jsonl" } as const;
type Format = keyof typeof TYPES;

/** The whole log as a file; that it was taken is written down as well. */
export function ExportMenu() {
  const { t } = useTranslation("settings");
  const dispatch = useAppDispatch();
  const save = async (format: Format) => {
    const found = await dispatch(
      api.endpoints.exportAuditEntries.initiate(
        { format },
        { forceRefetch: true, subscribe: false },
      ),
    );
    if (found.data !== undefined) saveFile(`audit.${format}`, found.data, TYPES[format]);
    else tellProblem(found.error, t("audit.not_exported"));
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          {t("audit.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(TYPES) as Format[]).map((format) => (
          <Menu.Item key={format} onClick={() => void save(format)}>
            {t(`audit.formats.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
