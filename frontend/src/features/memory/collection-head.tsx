import { ActionIcon, Button, Group, Modal, Text, Tooltip } from "@mantine/core";
import { IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Collection, useDeleteCollectionMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { CollectionDialog } from "./collection-dialog";
import styles from "./memory.module.css";
import { useDownload } from "./use-download";
import { useMay } from "./use-may";
import { useShown } from "./use-shown";

/** What a collection is for, who may read and change it, and what one can do with all of it. */
export function CollectionHead({ collection }: { collection: Collection }) {
  const { t } = useTranslation("memory");
  const { name, description, readers, writers } = collection;
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const download = useDownload();
  const may = useMay();
  const actions = [
    {
      label: t("export"),
      Icon: IconDownload,
      isOff: false,
      run: () => download(`/v1/collections/${name}/export`, `${name}.jsonl`),
    },
    { label: t("edit"), Icon: IconPencil, isOff: !may.manage, run: () => setOpen("edit") },
    { label: t("delete"), Icon: IconTrash, isOff: !may.manage, run: () => setOpen("delete") },
  ];
  return (
    <header className={styles.head}>
      <div>
        <h2 className={styles.title}>{name}</h2>
        {description && <p className={styles.quiet}>{description}</p>}
        <p className={styles.quiet}>
          {t("who", { readers: rolesIn(readers, t), writers: rolesIn(writers, t) })}
        </p>
      </div>
      <Group gap={4} wrap="nowrap">
        {actions.map(({ label, Icon, isOff, run }) => (
          <Tooltip key={label} label={isOff ? t("not_allowed") : label}>
            <ActionIcon size="lg" aria-label={label} disabled={isOff} onClick={run}>
              <Icon size={18} />
            </ActionIcon>
          </Tooltip>
        ))}
      </Group>
      <CollectionDialog
        isOpen={open === "edit"}
        collection={collection}
        onClose={() => setOpen(null)}
      />
      <DeleteDialog
        isOpen={open === "delete"}
        collection={collection}
        onClose={() => setOpen(null)}
      />
    </header>
  );
}

function rolesIn(roles: string[], t: (key: string) => string): string {
  return roles.length === 0 ? t("everybody") : roles.join(", ");
}

function DeleteDialog(props: { isOpen: boolean; collection: Collection; onClose: () => void }) {
  const { t } = useTranslation("memory");
  const { show } = useShown();
  const [remove, { error, isLoading }] = useDeleteCollectionMutation();
  const { name, documents } = props.collection;
  const confirm = async () => {
    const done = await remove({ name });
    if (!done.error) show({ collection: null, document: null });
  };
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={t("delete_title", { name })}>
      <p>{t("delete_text", { count: documents })}</p>
      {isProblem(error) && (
        <Text c="red" role="alert">
          {error.detail || error.title}
        </Text>
      )}
      <DialogFoot onClose={props.onClose} way={t("cancel")}>
        <Button color="red" loading={isLoading} onClick={confirm}>
          {t("delete_for_good")}
        </Button>
      </DialogFoot>
    </Modal>
  );
}
