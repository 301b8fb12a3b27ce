import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Imported, useImportWorkflowMutation } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import type { Format, Given } from "./format-of";
import { ImportForm } from "./import-form";
import { ImportReport } from "./import-report";

/** Takes a workflow of ours or of another program, and tells what of it was not carried over. */
export default function ImportDialog({ given, onClose }: { given: Given; onClose: () => void }) {
  const { t } = useTranslation("workflows");
  const [imported, setImported] = useState<Imported>();
  const [send, { error, isLoading }] = useImportWorkflowMutation();
  const submit = async ({ source, agents }: Given, format: Format) => {
    const done = await send({
      importWorkflow: { source, format, ...(format === "crewai" && { agents }) },
    });
    if (done.data) setImported(done.data);
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      size="xl"
      title={
        imported
          ? t("import.done", { title: imported.workflow.title || imported.workflow.name })
          : t("import.title")
      }
    >
      {imported ? (
        <ImportReport imported={imported} onClose={onClose} />
      ) : (
        <ImportForm
          given={given}
          problem={isProblem(error) ? error : undefined}
          isBusy={isLoading}
          onSubmit={(next, format) => void submit(next, format)}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}
