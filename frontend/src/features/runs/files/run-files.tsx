import { ActionIcon, Alert } from "@mantine/core";
import { IconDownload, IconEye } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type RunFile, useListRunFilesQuery } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import styles from "../run.module.css";
import { FilePreview, isShowable } from "./file-preview";
import { fetchFile } from "./open-file";

const MOST = 200;

/** The files that steps have written, as they come: to be looked at and to be kept. */
export default function RunFiles({ runId, written }: { runId: string; written: number }) {
  const { t } = useTranslation("runs");
  const { data, error, refetch } = useListRunFilesQuery(
    { runId, limit: MOST },
    { refetchOnMountOrArgChange: true },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file was written, so there is more to list
  useEffect(() => void (written && refetch()), [written]);
  return (
    <section className={styles.block} aria-label={t("files.title")}>
      <header>
        <h3>{t("files.title")}</h3>
      </header>
      {isProblem(error) && <Alert color="red" title={error.title} />}
      {data?.items.length === 0 && <p className={styles.quiet}>{t("files.none")}</p>}
      <ul className={styles.files}>
        {data?.items.map((file) => (
          <FileRow key={`${file.path} ${file.version}`} runId={runId} file={file} />
        ))}
      </ul>
      {data?.next_cursor && <p className={styles.quiet}>{t("files.more", { count: MOST })}</p>}
    </section>
  );
}

function FileRow({ runId, file }: { runId: string; file: RunFile }) {
  const { t, i18n } = useTranslation("runs");
  const [isOpen, setIsOpen] = useState(false);
  const [hasFailed, setHasFailed] = useState(false);
  const size = new Intl.NumberFormat(i18n.language).format(file.size);
  const keep = async () => {
    const content = await fetchFile(runId, file);
    setHasFailed(!content);
    if (content) saveBlob(file.path.split("/").at(-1) ?? file.path, content);
  };
  return (
    <li>
      <span className={styles.filePath}>{file.path}</span>
      <span className={styles.quiet}>
        {t("files.facts", { version: file.version, size, step: file.step })}
      </span>
      {isShowable(file) && (
        <ActionIcon
          aria-label={t("files.show", { path: file.path })}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          <IconEye size={15} />
        </ActionIcon>
      )}
      <ActionIcon aria-label={t("files.download", { path: file.path })} onClick={keep}>
        <IconDownload size={15} />
      </ActionIcon>
      {hasFailed && <p role="alert">{t("files.failed", { path: file.path })}</p>}
      {isOpen && <FilePreview runId={runId} file={file} />}
    </li>
  );
}

function saveBlob(name: string, content: Blob) {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
