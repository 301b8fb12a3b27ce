import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Model, useDeleteModelMutation, useListModelsQuery } from "@/api/generated";
import { Page } from "@/shared/ui/page";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { useMay } from "../parts/use-may";
import { DefaultModel } from "./default-model";
import { ModelCard } from "./model-card";
import { ModelDialog } from "./model-dialog";
import styles from "./models.module.css";
import { NoModels } from "./no-models";

/** The models that steps can name: the platform's own and those of the workspace. */
export function ModelsPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("models:read");
  const may = useMay("models:manage");
  const [edited, setEdited] = useState<Model | "new">();
  const add = (
    <MayButton may={may} leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
      {t("models.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.models")} text={t("models.text")} actions={maySee && add}>
      {maySee ? <Models may={may} onEdit={setEdited} /> : <NotAllowed />}
      <ModelDialog edited={edited} onClose={() => setEdited(undefined)} />
    </Page>
  );
}

function Models({ may, onEdit }: { may: boolean; onEdit: (model: Model | "new") => void }) {
  const { t } = useTranslation("settings");
  const query = useListModelsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<Model>();
  const [remove] = useDeleteModelMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <NoModels may={may} onAdd={() => onEdit("new")} />
          ) : (
            <>
              <DefaultModel models={items} />
              <div className={styles.list}>
                {items.map((model) => (
                  <ModelCard
                    key={model.id ?? model.name}
                    model={model}
                    may={may}
                    onEdit={() => onEdit(model)}
                    onDelete={() => setAsked(model)}
                  />
                ))}
              </div>
            </>
          )
        }
      </Loaded>
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("models.delete_title", { name: asked?.name })}
        action={t("common:actions.delete")}
        onConfirm={() => remove({ modelId: asked?.id ?? "" })}
        onClose={() => setAsked(undefined)}
      >
        {t("models.delete_text")}
      </ConfirmDialog>
    </>
  );
}
