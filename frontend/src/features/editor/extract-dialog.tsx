import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useCreateWorkflowMutation } from "@/api/generated";
import { outermost } from "@/domain/document/clipboard";
import { extractSteps } from "@/domain/document/extraction";
import { freeId } from "@/domain/document/workflow";
import { isMap } from "@/domain/expressions/values";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { isProblem } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { selectDoc, selectSelection, selectWorkflow, stepsSelected } from "./editor-slice";
import type { Edits } from "./use-edits";

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Makes a workflow out of the selected steps; one step that starts it takes their place. */
export default function ExtractDialog({ edits, onClose }: { edits: Edits; onClose: () => void }) {
  const { t } = useTranslation("editor");
  const dispatch = useAppDispatch();
  const doc = useSelector(selectDoc);
  const workflow = useSelector(selectWorkflow);
  const selection = useSelector(selectSelection);
  const [create, { error, isLoading }] = useCreateWorkflowMutation();
  const steps = useMemo(() => outermost(workflow, selection), [workflow, selection]);
  const [name, setName] = useState(() => nameFor(workflow.data.metadata, steps[0]?.id));
  const made = useMemo(
    () => extractSteps(doc, selection, NAME.test(name) ? name : "part"),
    [doc, selection, name],
  );
  const problem = isProblem(error) ? error : undefined;
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (typeof made === "string" || !NAME.test(name)) return;
    if (!(await create({ saveWorkflow: { source: made.source } })).data) return;
    const id = freeId(workflow, name.replaceAll("-", "_"));
    edits.edit(made.operations(id), t("undo.extract", { count: steps.length }));
    dispatch(stepsSelected([`${steps[0]?.block.id}.${id}`]));
    onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={t("extract.title")}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {problem && (
            <Alert color="red" title={problem.title} role="alert">
              {problem.detail}
            </Alert>
          )}
          {typeof made === "string" ? (
            <Alert color="yellow">{t(`extract.refused.${made}`)}</Alert>
          ) : (
            <p style={{ margin: 0 }}>
              {t("extract.text", {
                count: steps.length,
                steps: steps.map(({ id }) => id).join(", "),
              })}{" "}
              {made.inputs.length > 0 && t("extract.inputs", { names: made.inputs.join(", ") })}{" "}
              {made.outputs.length > 0 && t("extract.outputs", { names: made.outputs.join(", ") })}
            </p>
          )}
          <TextInput
            data-autofocus
            label={t("extract.name")}
            description={t("extract.name_text")}
            error={NAME.test(name) ? undefined : t("extract.no_name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <DialogFoot onClose={onClose}>
            <Button type="submit" loading={isLoading} disabled={typeof made === "string"}>
              {t("extract.make")}
            </Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}

function nameFor(metadata: unknown, step = "part"): string {
  const outer = isMap(metadata as never) ? (metadata as { name?: unknown }).name : undefined;
  return `${typeof outer === "string" ? outer : "part"}-${step.replaceAll("_", "-")}`;
}
