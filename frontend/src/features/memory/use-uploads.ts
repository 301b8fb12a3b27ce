/** Sends files one after the other; what was sent appears among the documents, what failed stays here. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type UploadDocumentApiArg, useUploadDocumentMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";

export const KINDS = ".pdf,.docx,.pptx,.xlsx,.html,.htm,.md,.markdown,.txt,.csv";
const MOST_BYTES = 20 * 1024 * 1024;

interface Upload {
  id: string;
  name: string;
  problem: string | undefined;
}

export function useUploads(collection: string) {
  const { t } = useTranslation("memory");
  const [uploads, setUploads] = useState<Upload[]>([]);
  const [upload] = useUploadDocumentMutation();
  const dismiss = (id: string) => setUploads((known) => known.filter((one) => one.id !== id));
  const fail = (id: string, problem: string) =>
    setUploads((known) => known.map((one) => (one.id === id ? { ...one, problem } : one)));
  const send = async (files: File[]) => {
    const named = files.map((file) => ({ file, id: crypto.randomUUID() }));
    setUploads((known) => [
      ...known,
      ...named.map(({ file, id }) => ({ id, name: file.name, problem: undefined })),
    ]);
    for (const { file, id } of named) {
      if (file.size > MOST_BYTES) {
        fail(id, t("too_large"));
        continue;
      }
      const answer = await upload({ "idempotency-key": id, body: formOf(collection, file) });
      if (!answer.error) dismiss(id);
      else
        fail(id, isProblem(answer.error) ? answer.error.detail || answer.error.title : t("broke"));
    }
  };
  return { uploads, send, dismiss };
}

/** Return the form as a browser sends it; the fields come before the file, because the file is not held. */
function formOf(collection: string, file: File): UploadDocumentApiArg["body"] {
  const form = new FormData();
  form.append("collection", collection);
  form.append("file", file);
  return form as unknown as UploadDocumentApiArg["body"];
}
