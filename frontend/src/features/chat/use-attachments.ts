/** Files on their way into a message; they are documents of the collection `attachments` like all others. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type UploadDocumentApiArg, useUploadDocumentMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";

const COLLECTION = "attachments";

interface Attached {
  id: string;
  name: string;
}

export function useAttachments() {
  const { t } = useTranslation("chat");
  const [attached, setAttached] = useState<Attached[]>([]);
  const [upload, { error, isLoading }] = useUploadDocumentMutation();
  const attach = async (file: File) => {
    const form = new FormData();
    // The fields come before the file, because the file is not held.
    form.append("collection", COLLECTION);
    form.append("file", file);
    const body = form as unknown as UploadDocumentApiArg["body"];
    const answer = await upload({ "idempotency-key": crypto.randomUUID(), body });
    if (answer.data) {
      const { id, name } = answer.data;
      setAttached((known) => [...known, { id, name }]);
    }
  };
  const detach = (id: string) => setAttached((known) => known.filter((one) => one.id !== id));
  const told = isProblem(error) ? error.detail || error.title : t("attach_failed");
  return {
    attached,
    attach,
    detach,
    clear: () => setAttached([]),
    isSending: isLoading,
    problem: error ? told : undefined,
  };
}
