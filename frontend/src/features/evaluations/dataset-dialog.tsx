import { Alert, Button, Loader, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type DatasetInfo,
  useCreateDatasetMutation,
  useGetDatasetQuery,
  useReplaceDatasetMutation,
} from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { ErrorState } from "@/shared/ui/error-state";
import { datasetFrom, EXAMPLE, textOf } from "./dataset-text";
import { Refused } from "./refused";

interface Props {
  edited: DatasetInfo | "new" | undefined;
  onClose: () => void;
}

/** Takes the cases of a dataset as text: those that `flowloom eval` reads. */
export function DatasetDialog({ edited, onClose }: Props) {
  const { t } = useTranslation("evaluations");
  const known = edited === "new" ? undefined : edited;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      size="lg"
      title={known ? t("edit_dataset", { name: known.name }) : t("new_dataset")}
    >
      {known ? (
        <KnownDataset known={known} onClose={onClose} />
      ) : (
        <DatasetForm text={EXAMPLE} onClose={onClose} />
      )}
    </Dialog>
  );
}

function KnownDataset({ known, onClose }: { known: DatasetInfo; onClose: () => void }) {
  const { data, error, refetch } = useGetDatasetQuery(
    { datasetId: known.id },
    { refetchOnMountOrArgChange: true },
  );
  const [text, setText] = useState<string>();
  useEffect(() => {
    if (data) void textOf(data.dataset).then((found) => setText((before) => before ?? found));
  }, [data]);
  if (error) return <ErrorState error={error} onRetry={refetch} />;
  if (text === undefined) return <Loader />;
  return <DatasetForm known={known} text={text} onClose={onClose} />;
}

function DatasetForm(props: { known?: DatasetInfo; text: string; onClose: () => void }) {
  const { t } = useTranslation("evaluations");
  const { known, onClose } = props;
  const [name, setName] = useState(known?.name ?? "");
  const [text, setText] = useState(props.text);
  const [wrong, setWrong] = useState<string>();
  const [create, creating] = useCreateDatasetMutation();
  const [replace, replacing] = useReplaceDatasetMutation();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const read = await datasetFrom(name, text);
    setWrong("wrong" in read ? read.wrong || t("no_list_of_cases") : undefined);
    if ("wrong" in read) return;
    const saveDataset = read.dataset;
    const done = known
      ? await replace({ datasetId: known.id, saveDataset })
      : await create({ saveDataset });
    if (!done.error) onClose();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t("dataset_name")}
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t("dataset_text")}
          description={t("dataset_hint")}
          required
          autosize
          minRows={10}
          maxRows={22}
          ff="monospace"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {wrong !== undefined ? (
          <Alert color="red" role="alert" title={t("not_readable")} ff="monospace">
            {wrong}
          </Alert>
        ) : (
          <Refused error={creating.error ?? replacing.error} />
        )}
        <DialogFoot onClose={onClose}>
          <Button
            type="submit"
            disabled={name.trim() === ""}
            loading={creating.isLoading || replacing.isLoading}
          >
            {t("common:actions.save")}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  );
}
