import { Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type DatasetInfo, useDeleteDatasetMutation } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { Refused } from "./refused";

/** Asks before a dataset is deleted. */
export function DeleteDataset(props: { asked: DatasetInfo | undefined; onClose: () => void }) {
  const { t } = useTranslation("evaluations");
  const { asked, onClose } = props;
  const [remove, { error, isLoading, reset }] = useDeleteDatasetMutation();
  const close = () => {
    reset();
    onClose();
  };
  const confirm = async () => {
    const done = await remove({ datasetId: asked?.id ?? "" });
    if (!done.error) close();
  };
  return (
    <Dialog
      opened={asked !== undefined}
      onClose={close}
      title={t("delete_dataset", { name: asked?.name })}
    >
      <Text>{t("delete_text")}</Text>
      <Refused error={error} />
      <DialogFoot onClose={close} mt="md">
        <Button color="red" loading={isLoading} onClick={() => void confirm()}>
          {t("common:actions.delete")}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
