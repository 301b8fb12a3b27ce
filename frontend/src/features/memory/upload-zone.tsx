import { Button, FileButton } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./memory.module.css";
import { useMay } from "./use-may";
import { KINDS, useUploads } from "./use-uploads";

/** Takes files by choice or drop; each says what became of it, and the others go on. */
export function UploadZone({ collection }: { collection: string }) {
  const { t } = useTranslation("memory");
  const { uploads, send, dismiss } = useUploads(collection);
  const [isOver, setIsOver] = useState(false);
  const { write: isAllowed } = useMay();
  const drop = (event: React.DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    if (isAllowed) void send([...event.dataTransfer.files]);
  };
  return (
    <section
      className={styles.drop}
      data-over={isOver || undefined}
      aria-label={t("upload")}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(isAllowed);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <FileButton
        multiple
        accept={KINDS}
        disabled={!isAllowed}
        onChange={(files) => void send(files)}
      >
        {(props) => (
          <Button
            {...props}
            variant="default"
            leftSection={<IconUpload size={16} />}
            disabled={!isAllowed}
            title={isAllowed ? undefined : t("not_allowed")}
          >
            {t("choose_files")}
          </Button>
        )}
      </FileButton>
      <span className={styles.quiet}>{t("drop_hint")}</span>
      {uploads.length > 0 && (
        <ul className={styles.uploads} aria-live="polite">
          {uploads.map((one) => (
            <li key={one.id} data-state={one.problem ? "failed" : "sending"}>
              <span>{one.name}</span>
              <span>{one.problem ?? t("sending")}</span>
              {one.problem && (
                <Button size="compact-xs" variant="subtle" onClick={() => dismiss(one.id)}>
                  {t("dismiss")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
