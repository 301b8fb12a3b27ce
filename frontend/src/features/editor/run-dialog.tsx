import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useNavigate } from "react-router";
import { useStartRunMutation } from "@/api/generated";
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";
import { type FieldProblem, isProblem, reasonOf } from "@/shared/lib/problem";
import { Dialog } from "@/shared/ui/dialog";
import { DialogFoot } from "@/shared/ui/dialog-foot";
import { selectDoc, selectEditor, selectWorkflow } from "./editor-slice";
import { DataForm } from "./inspector/data-form";
import { pinsForRun } from "./sample/pins";

const NO_ERRORS: FieldProblem[] = [];

/** Starts a run of the draft; the form is what the workflow's inputs say. */
export default function RunDialog({
  onClose,
  onSave,
}: {
  onClose: () => void;
  onSave: () => Promise<boolean>;
}) {
  const { t } = useTranslation("editor");
  const { data } = useSelector(selectWorkflow);
  const { layout } = useSelector(selectDoc);
  const pinned = Object.keys(pinsForRun(layout.pins)).length;
  const schema = isMap(data.inputs) ? data.inputs : null;
  const hasInputs = isMap(schema?.properties) && Object.keys(schema.properties).length > 0;
  const [inputs, setInputs] = useState<JsonValue>({});
  const latest = useRef(inputs);
  const { start, isStarting, problem } = useStart(onSave);
  const change = useCallback((value: JsonValue) => {
    latest.current = value;
    setInputs(value);
  }, []);
  const errors = problem?.errors ?? NO_ERRORS;
  return (
    <Dialog opened onClose={onClose} title={t("run.title")} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A field hands over what was typed last when it is left.
          if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
          const given = latest.current;
          void start(withDefaults(schema, isMap(given) ? given : {}));
        }}
      >
        <Stack>
          {problem && (
            <Alert color="red" title={problem.title}>
              {reasonOf(problem)}
            </Alert>
          )}
          {hasInputs ? (
            <DataForm
              name="inputs"
              title={t("run.inputs")}
              schema={schema}
              value={inputs}
              errors={errors}
              onChange={change}
            />
          ) : (
            <Text c="dimmed">{t("run.no_inputs")}</Text>
          )}
          {pinned > 0 && <Text c="dimmed">{t("run.pinned", { count: pinned })}</Text>}
          <DialogFoot onClose={onClose}>
            <Button type="submit" leftSection={<IconPlayerPlay size={16} />} loading={isStarting}>
              {t("run.start")}
            </Button>
          </DialogFoot>
        </Stack>
      </form>
    </Dialog>
  );
}

function withDefaults(schema: JsonObject | null, inputs: JsonObject): JsonObject {
  const properties = schema && isMap(schema.properties) ? schema.properties : {};
  const defaults = Object.entries(properties).flatMap(([name, one]) =>
    isMap(one) && one.default !== undefined ? [[name, one.default] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...inputs };
}

function useStart(onSave: () => Promise<boolean>) {
  const navigate = useNavigate();
  const { workflow_id, doc } = useSelector(selectEditor);
  const [startRun, { error, isLoading }] = useStartRunMutation();
  const start = async (inputs: JsonObject) => {
    if (!(await onSave())) return;
    const run = await startRun({
      workflowId: workflow_id,
      startRunBody: { inputs, version: "draft", pins: pinsForRun(doc.layout.pins) },
    });
    if (run.data) await navigate(`/runs/${run.data.id}`);
  };
  return { start, isStarting: isLoading, problem: isProblem(error) ? error : undefined };
}
