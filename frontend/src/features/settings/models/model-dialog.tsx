import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  type Model,
  useCreateModelMutation,
  useLazyListModelsQuery,
  useReplaceModelMutation,
  useTryModelMutation,
} from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { foundInList } from "../parts/found-in-list";
import { ProblemAlert } from "../parts/problem-alert";
import { fieldsOf, isComplete, type ModelFields, modelOf } from "./model-fields";
import { ModelFieldset } from "./model-fieldset";
import { TestResult } from "./test-model";

/** Adds a model, or changes one; it can be called before it is saved. */
export function ModelDialog(props: { edited: Model | "new" | undefined; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { edited, onClose } = props;
  const model = edited === "new" ? undefined : edited;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      title={model ? t("models.edit_of", { name: model.name }) : t("models.new")}
      size="lg"
    >
      <ModelForm model={model} onClose={onClose} />
    </Dialog>
  );
}

function ModelForm(props: { model: Model | undefined; onClose: () => void }) {
  const { model: loaded, onClose } = props;
  const { t } = useTranslation("settings");
  const form = useModelFields(loaded, onClose);
  const { base: model, fields, setFields } = form;
  const save = useSave(model);
  const submit = async () => {
    const done = await save(fields);
    if (!done.error) onClose();
    return form.settle(done);
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={isComplete(fields)}
      conflict={form.conflict}
      labelOf={(field) => t(`models.fields.${field}`)}
    >
      <ModelFieldset fields={fields} hasKey={model?.has_key ?? false} onChange={setFields} />
      <TryModel fields={fields} model={model} />
    </DialogForm>
  );
}

/** What stands in the form; when somebody else was faster, beside what they saved. */
function useModelFields(model: Model | undefined, onClose: () => void) {
  const [read] = useLazyListModelsQuery();
  return useMerging<Model | undefined, ModelFields>({
    loaded: model,
    fieldsOf,
    read: () => foundInList(read, ({ id }) => id === model?.id),
    onGone: onClose,
  });
}

function useSave(model: Model | undefined) {
  const [create] = useCreateModelMutation();
  const [replace] = useReplaceModelMutation();
  return (fields: ModelFields) => {
    const saveModel = modelOf(fields, model);
    return model?.id
      ? replace({ modelId: model.id, "if-match": model.etag, saveModel })
      : create({ saveModel });
  };
}

/** Calls what stands in the form; a key that is kept on the server is not known here. */
function TryModel({ fields, model }: { fields: ModelFields; model: Model | undefined }) {
  const { t } = useTranslation("settings");
  const [attempt, { data, error, isLoading }] = useTryModelMutation();
  const needsKey = (model?.has_key ?? false) && fields.api_key === "";
  return (
    <>
      <Group gap="sm">
        <Button
          variant="default"
          loading={isLoading}
          disabled={!isComplete(fields) || needsKey}
          title={needsKey ? t("models.try_needs_key") : undefined}
          onClick={() => void attempt({ saveModel: modelOf(fields, model) })}
        >
          {t("models.test")}
        </Button>
        <TestResult result={isLoading ? undefined : data} />
      </Group>
      <ProblemAlert error={error} />
    </>
  );
}
