import { Button, Modal, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { SavedTest } from "@/api/generated";
import { saveFile } from "@/shared/lib/save-file";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { JsonBlock } from "./json-block";

/** A run as a test of its workflow: what every step answered, to be kept beside the document. */
export function SavedTestDialog({
  test,
  name,
  onClose,
}: {
  test: SavedTest;
  name: string;
  onClose: () => void;
}) {
  const { t } = useTranslation("runs");
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("test.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common:actions.close") }}
    >
      <Text size="sm">{t("test.text")}</Text>
      {test.removed.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("test.removed", { names: test.removed.join(", ") })}
        </Text>
      )}
      <JsonBlock title={`${name}.tests.yaml`} value={test.tests} none="" />
      <DialogFoot onClose={onClose} way={t("common:actions.close")}>
        <Button
          leftSection={<IconDownload size={16} />}
          onClick={() => saveFile(`${name}.tests.yaml`, test.tests, "application/yaml")}
        >
          {t("large.download")}
        </Button>
      </DialogFoot>
    </Modal>
  );
}
