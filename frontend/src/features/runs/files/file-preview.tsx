import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RunFile } from "@/api/generated";
import styles from "../run.module.css";
import { fetchFile } from "./open-file";

const MOST_BYTES = 1_000_000;
const MOST_CHARS = 20_000;
const TEXTS = /^(text\/|application\/(json|yaml|xml)$)/;
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/svg+xml"]);

type Shown = { text: string } | { image: string } | "failed" | undefined;

/** Whether a file can be looked at here: a text, or an image, of moderate size. */
export function isShowable(file: RunFile): boolean {
  return file.size <= MOST_BYTES && (TEXTS.test(file.media_type) || IMAGES.has(file.media_type));
}

/** A text as it is, never as markup; an image as an image, in which a browser runs no programs. */
export function FilePreview({ runId, file }: { runId: string; file: RunFile }) {
  const { t } = useTranslation("runs");
  const shown = useContent(runId, file);
  if (!shown) return <p className={styles.quiet}>{t("files.loading")}</p>;
  if (shown === "failed") return <p role="alert">{t("files.failed", { path: file.path })}</p>;
  if ("image" in shown) return <img src={shown.image} alt={file.path} className={styles.picture} />;
  return <pre>{shown.text.slice(0, MOST_CHARS)}</pre>;
}

function useContent(runId: string, file: RunFile): Shown {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    let address: string | undefined;
    let isGone = false;
    void fetchFile(runId, file).then(async (content) => {
      const isImage = content !== undefined && IMAGES.has(file.media_type);
      const text = content && !isImage ? await content.text() : "";
      if (isGone) return;
      if (!content) return setShown("failed");
      if (isImage) address = URL.createObjectURL(content);
      setShown(address ? { image: address } : { text });
    });
    return () => {
      isGone = true;
      if (address) URL.revokeObjectURL(address);
    };
  }, [runId, file]);
  return shown;
}
