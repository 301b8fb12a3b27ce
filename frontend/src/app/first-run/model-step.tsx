import { Button } from "@mantine/core";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useListModelsQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { TestSavedModel } from "@/features/settings/models/test-model";
import { late } from "@/shared/lib/late";
import { Step } from "./step";
import { answering } from "./use-models";

const ModelDialog = late(() =>
  import("@/features/settings/models/model-dialog").then((own) => ({ default: own.ModelDialog })),
);

/** Says who answers, and leads to another model; one that is saved is called on the spot. */
export function ModelStep() {
  const { t } = useTranslation("dashboard");
  const may = useMay("models:manage");
  const query = useListModelsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [isAdding, setIsAdding] = useState(false);
  const model = answering(query.data);
  const text = model
    ? t("begin.model.has", { model: model.model, host: hostOf(model.base_url) })
    : t(query.isError ? "begin.model.unreadable" : "begin.model.none");
  return (
    <Step step={1} title={t("begin.model.title")} text={query.isLoading ? "…" : text}>
      <Button
        variant={model ? "default" : "filled"}
        disabled={!may}
        onClick={() => setIsAdding(true)}
      >
        {t("begin.model.add")}
      </Button>
      <Button component={Link} to="/settings/models" variant="subtle">
        {t("begin.model.more")}
      </Button>
      {model?.id && <TestSavedModel modelId={model.id} name={model.name} may={may} />}
      {isAdding && (
        <Suspense>
          <ModelDialog edited="new" onClose={() => setIsAdding(false)} />
        </Suspense>
      )}
    </Step>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
