import { ActionIcon, Menu } from "@mantine/core";
import {
  IconDots,
  IconDownload,
  IconEye,
  IconEyeOff,
  IconRefresh,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import {
  type MemoryDocument,
  useDeleteDocumentMutation,
  useQuarantineDocumentMutation,
  useRetryDocumentMutation,
} from "@/api/generated";
import { ago, compactNumber } from "@/shared/lib/format";
import { DocumentState } from "./document-state";
import styles from "./memory.module.css";
import { useDownload } from "./use-download";
import { useMay } from "./use-may";

export function DocumentRow({ document }: { document: MemoryDocument }) {
  const { collection, created_at: createdAt, id, name, size_bytes: size } = document;
  const to = `?${new URLSearchParams({ collection, document: id })}`;
  return (
    <tr>
      <th scope="row">
        <Link to={{ search: to }} className={styles.name}>
          {name || id}
        </Link>
      </th>
      <td>
        <DocumentState document={document} />
      </td>
      <td>{compactNumber(size)}B</td>
      <td>
        <time dateTime={createdAt}>{ago(createdAt)}</time>
      </td>
      <td>
        <Actions document={document} />
      </td>
    </tr>
  );
}

function Actions({ document }: { document: MemoryDocument }) {
  const { t } = useTranslation("memory");
  const { id: documentId, name, quarantined, status } = document;
  const [retry] = useRetryDocumentMutation();
  const [quarantine] = useQuarantineDocumentMutation();
  const [remove] = useDeleteDocumentMutation();
  const download = useDownload();
  const may = useMay();
  const hide = () => quarantine({ documentId, quarantine: { quarantined: !quarantined } });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={t("actions_of", { name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconDownload size={15} />}
          onClick={() => download(`/v1/documents/${documentId}/content`, name)}
        >
          {t("download")}
        </Menu.Item>
        {(status === "failed" || status === "dead") && (
          <Menu.Item
            leftSection={<IconRefresh size={15} />}
            disabled={!may.write}
            onClick={() => retry({ documentId })}
          >
            {t("retry")}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={quarantined ? <IconEye size={15} /> : <IconEyeOff size={15} />}
          disabled={!may.manage}
          onClick={hide}
        >
          {t(quarantined ? "release" : "hide")}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={15} />}
          disabled={!may.write}
          onClick={() => remove({ documentId })}
        >
          {t("delete_for_good")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
