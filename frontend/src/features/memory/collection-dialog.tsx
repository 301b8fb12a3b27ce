import { Button, Modal, MultiSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Collection,
  useCreateCollectionMutation,
  useSaveCollectionMutation,
} from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { useShown } from "./use-shown";

const NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const ROLES = ["editor", "operator", "viewer", "agent"];

interface Props {
  isOpen: boolean;
  /** The one to change; without it a new one is made. */
  collection?: Collection;
  onClose: () => void;
}

export function CollectionDialog(props: Props) {
  const { t } = useTranslation("memory");
  const title = props.collection
    ? t("edit_title", { name: props.collection.name })
    : t("new_collection");
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={title}>
      <CollectionForm {...props} />
    </Modal>
  );
}

function CollectionForm({ collection, onClose }: Props) {
  const { t } = useTranslation("memory");
  const { show } = useShown();
  const [name, setName] = useState(collection?.name ?? "");
  const [description, setDescription] = useState(collection?.description ?? "");
  const [readers, setReaders] = useState(collection?.readers ?? []);
  const [writers, setWriters] = useState(collection?.writers ?? []);
  const [create, creating] = useCreateCollectionMutation();
  const [save, saving] = useSaveCollectionMutation();
  const error = creating.error ?? saving.error;
  const isGood = NAME.test(name);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const said = { description, readers, writers };
    const done = collection
      ? await save({ name, saveCollection: said })
      : await create({ newCollection: { name, ...said } });
    if (done.error) return;
    if (!collection) show({ collection: name, document: null });
    onClose();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t("name")}
          description={t("name_hint")}
          value={name}
          disabled={collection !== undefined}
          error={name && !isGood ? t("name_wrong") : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Textarea
          label={t("description")}
          value={description}
          maxLength={2_000}
          autosize
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <MultiSelect
          label={t("readers")}
          description={t("roles_hint")}
          data={ROLES}
          value={readers}
          onChange={setReaders}
        />
        <MultiSelect label={t("writers")} data={ROLES} value={writers} onChange={setWriters} />
        {isProblem(error) && (
          <Text c="red" role="alert">
            {error.detail || error.title}
          </Text>
        )}
        <DialogFoot onClose={onClose} way={t("cancel")}>
          <Button type="submit" disabled={!isGood} loading={creating.isLoading || saving.isLoading}>
            {t("save")}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  );
}
