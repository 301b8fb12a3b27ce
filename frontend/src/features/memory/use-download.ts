import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { fetchFile } from "@/api/fetch-file";
import { saveBlob } from "@/shared/lib/save-file";

/** Saves a file that the gateway hands over, and says when it did not. */
export function useDownload() {
  const { t } = useTranslation("memory");
  return async (path: string, name: string) => {
    const found = await fetchFile(path);
    if (found) saveBlob(name, found);
    else notifications.show({ color: "red", message: t("download_failed", { name }) });
  };
}
